package io.zoetrope.cli;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.runtime.jobmaster.JobResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "up",
        header = "Leaves the same stack running until Ctrl-C.",
        customSynopsis = "zoetrope up [--kafka-port PORT] [--ui-port PORT] [OPTIONS]",
        description = {
            "A Kafka broker, a Flink cluster and the job, in this process and on loopback. What they hold goes with"
                    + " them.",
            "Prints where Kafka and Flink's web UI are. Where a port is taken, a free one is used."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope up",
            "  ./zoetrope up --encoder h264 --checkpoint-interval \"200 ms\"",
            "  ./zoetrope up --config zoetrope.yaml",
            "Then, in another terminal:",
            "  ./zoetrope watch",
            "  ./zoetrope prompt \"a blue ring orbiting on a black background\"",
            "",
            "To run the job against your own Kafka: ./zoetrope job --help"
        })
final class UpCommand implements Callable<Integer> {
    static final int UI_PORT = 8081;

    @Option(names = "--kafka-port", paramLabel = "PORT", description = "Where Kafka listens. Default: 9092.")
    private int kafkaPort = 9092;

    @Option(names = "--ui-port", paramLabel = "PORT", description = "Where Flink's web UI is. Default: 8081.")
    private int uiPort = UI_PORT;

    @Unmatched
    private List<String> unknown = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        List<String> options = JobOptionSpecs.given(spec);
        options.addAll(unknown);
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.sinceLaunch(out);
        try (LocalStack stack = LocalStack.start(
                new LocalServers.Ports(kafkaPort, uiPort),
                List.of(JobOptionSpecs.shippedBundle()),
                options,
                progress)) {
            var end = stack.runJob();
            progress.tell("job      started");
            out.println(greeting(stack));
            JobResult result = end.get();
            if (result.getSerializedThrowable().isPresent()) { // else it was Ctrl-C
                spec.commandLine().getErr().println("The job ended: " + JobEnd.reason(result));
            }
            return Zoetrope.NOTHING_DONE;
        }
    }

    private static String greeting(LocalStack stack) throws Exception {
        JobConfig config = stack.config();
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        String more = servers.equals(KafkaAddress.DEFAULT) ? "" : " --bootstrap-servers " + servers;
        return """

                Kafka      %s
                prompts    %s
                videos     %s
                failures   %s
                Flink UI   %s
                log        %s

                Watch:     ./zoetrope watch%s
                Ask:       ./zoetrope prompt "a red circle moving right on a black background"%s
                Stop:      Ctrl-C
                """.formatted(
                        servers,
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.VIDEOS_TOPIC),
                        config.get(JobOptions.FAILURES_TOPIC),
                        stack.webUi(),
                        Logs.file(),
                        more,
                        more);
    }
}
