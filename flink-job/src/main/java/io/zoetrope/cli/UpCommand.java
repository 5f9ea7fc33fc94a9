package io.zoetrope.cli;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.flink.LocalCluster;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        header = "Runs a Kafka broker, a Flink cluster and the job until Ctrl-C.",
        customSynopsis = "zoetrope up [--kafka-port PORT] [--ui-port PORT] [--ui-host HOST] [OPTIONS]",
        description = {
            "All three run in this process and listen on loopback only, unless --ui-host says otherwise. Their topics and state are in a temporary"
                    + " folder, which is deleted when the process ends.",
            "Prints the addresses of Kafka and of Flink's web UI. A --kafka-port or --ui-port that is in use"
                    + " is refused."
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
            "To run the job with your own Kafka: ./zoetrope job --help"
        })
final class UpCommand implements Callable<Integer> {
    private static final String KAFKA_PORT = "--kafka-port";
    private static final String UI_PORT = "--ui-port";

    @Option(
            names = KAFKA_PORT,
            paramLabel = "PORT",
            converter = PortConverter.class,
            description = "Port that Kafka listens on. Default: ${DEFAULT-VALUE}, or a free one if that is in use.")
    private int kafkaPort = LocalServers.Ports.DEFAULT_BROKER;

    @Option(
            names = UI_PORT,
            paramLabel = "PORT",
            converter = PortConverter.class,
            description = "Port of Flink's web UI. Default: ${DEFAULT-VALUE}, or a free one if that is in use.")
    private int uiPort = LocalServers.Ports.DEFAULT_UI;

    @Mixin
    private UiHostOption uiHost = new UiHostOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (spec.commandLine().getParseResult().hasMatchedOption(KAFKA_PORT)) {
            PortConverter.requireFree(KAFKA_PORT, LocalCluster.LOOPBACK, kafkaPort);
        }
        if (spec.commandLine().getParseResult().hasMatchedOption(UI_PORT)) {
            PortConverter.requireFree(UI_PORT, uiHost.value(), uiPort);
        }
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.sinceLaunch(out);
        var ports = new LocalServers.Ports(kafkaPort, uiHost.value(), uiPort);
        try (LocalStack stack =
                LocalStack.start(ports, List.of(JobArguments.shippedBundle()), JobArguments.all(spec), progress)) {
            var end = stack.runJob(new Configuration());
            progress.print("job      started");
            out.println(addresses(stack));
            // Ctrl-C ends the job without a fault.
            JobEndReason.await(end)
                    .ifPresent(reason -> spec.commandLine().getErr().println("The job ended: " + reason));
            return Zoetrope.COMMAND_FAILED;
        }
    }

    private static String addresses(LocalStack stack) throws Exception {
        JobConfig config = stack.config();
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        String option = servers.equals(KafkaOptions.DEFAULT_SERVERS) ? "" : " --bootstrap-servers " + servers;
        return """

                Kafka      %s
                models     %s
                prompts    %s
                videos     %s
                failures   %s
                Flink UI   %s
                log        %s

                Watch:     ./zoetrope watch%s
                Prompt:    ./zoetrope prompt "a red circle moving right on a black background"%s
                Stop:      Ctrl-C
                """.formatted(
                        servers,
                        stack.models(),
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.VIDEOS_TOPIC),
                        config.get(JobOptions.FAILURES_TOPIC),
                        stack.webUi(),
                        Logs.file(),
                        option,
                        option);
    }
}
