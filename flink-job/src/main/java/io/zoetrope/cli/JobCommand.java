package io.zoetrope.cli;

import io.zoetrope.VideoJob;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "job",
        header = "Runs only the job, with a Kafka that runs already.",
        customSynopsis = "zoetrope job --bootstrap-servers SERVERS [OPTIONS]",
        description = {
            "Flink runs in this process until the job ends or Ctrl-C. The topics must exist: ./zoetrope topics apply"
                    + " creates them.",
            "To run the job on a Flink cluster, submit the class io.zoetrope.VideoJob with the same options."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope job --bootstrap-servers kafka-1:9092",
            "  ./zoetrope job --config zoetrope.yaml --encoder vp9 --parallelism 2"
        })
final class JobCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<String> arguments = JobArguments.all(spec);
        List<Setting> base = List.of(JobArguments.shippedBundle());
        String servers = VideoJob.config(base, arguments).get(JobOptions.BOOTSTRAP_SERVERS);
        spec.commandLine()
                .getOut()
                .println("Answering the prompts of " + servers + " until Ctrl-C. Log file: " + Logs.file());
        VideoJob.run(base, arguments);
        return Zoetrope.OK;
    }
}
