package io.zoetrope.cli;

import io.zoetrope.VideoJob;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "job",
        header = "Runs the job alone, against your Kafka.",
        customSynopsis = "zoetrope job --bootstrap-servers S [OPTIONS]",
        description = {
            "Flink runs in this process until the job ends. The topics must exist: see ./zoetrope topics apply. On a Flink cluster of your own, submit"
                    + " io.zoetrope.VideoJob with the same options."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope job --bootstrap-servers kafka-1:9092",
            "  ./zoetrope job --config zoetrope.yaml --encoder vp9 --parallelism 2"
        })
final class JobCommand implements Callable<Integer> {
    @Unmatched
    private List<String> unknown = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<String> options = JobOptionSpecs.given(spec);
        options.addAll(unknown);
        List<Setting> base = List.of(JobOptionSpecs.shippedBundle());
        String servers = VideoJob.config(base, options).get(JobOptions.BOOTSTRAP_SERVERS);
        spec.commandLine()
                .getOut()
                .println("Answering prompts of " + servers + " until Ctrl-C. The log is " + Logs.file());
        VideoJob.run(base, options);
        return Zoetrope.OK;
    }
}
