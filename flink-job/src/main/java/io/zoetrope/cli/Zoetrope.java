package io.zoetrope.cli;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobOptions;
import io.zoetrope.kafka.BrokerStartException;
import io.zoetrope.kafka.ProvisioningException;
import io.zoetrope.kafka.TopicCatalogException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The command line. Exit codes: 0 success, 1 some prompts were not answered by video, 2 the command failed. */
@Command(
        name = "zoetrope",
        description = "Reads prompts from a Kafka topic and publishes a playable video for each to another topic.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            PromptCommand.class,
            WatchCommand.class,
            AuditCommand.class,
            DlqCommand.class,
            TopicsCommand.class,
            RolloutCommand.class,
            SizingCommand.class,
            JobCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        footer = {
            "",
            "Start here:",
            "  ./zoetrope demo                  generates videos from a few built-in prompts",
            "  ./zoetrope demo \"a red circle moving right on a black background\"",
            "  ./zoetrope up                    keeps Kafka, Flink and the job running",
            "  ./zoetrope test                  runs every test, Java and Python",
            "  ./zoetrope bench                 measures the job, and writes a report",
            "  ./zoetrope cluster up            runs the job as a cluster of containers",
            "  ./zoetrope chaos                 kills a cluster under load, and audits every answer",
            "  ./zoetrope import FOLDER         makes a bundle from a published model",
            "  ./zoetrope python                runs Python in onnx-export",
            "",
            "Exit codes: 0 success, 1 some prompts were not answered by video,",
            "2 the command failed."
        })
public final class Zoetrope {
    static final int OK = 0;
    static final int SOME_FAILED = 1;
    static final int COMMAND_FAILED = 2;

    private Zoetrope() {}

    /** Runs a subcommand and exits with its code. */
    public static void main(String[] arguments) {
        Logs.start();
        FlinkFileSystems.load();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Zoetrope()) {
            @Override
            public int execute(String... arguments) {
                return super.execute(KafkaOptions.rewrite(arguments));
            }
        };
        for (String name : List.of("demo", "up", "sizing")) {
            JobArguments.addTo(subcommand(command, name), JobOptions.BOOTSTRAP_SERVERS);
        }
        JobArguments.addTo(subcommand(command, "job"));
        return command.setOut(ConsoleText.writer(System.out))
                .setErr(ConsoleText.writer(System.err))
                // The writers escape every control sequence, those of coloured help texts included.
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setExecutionExceptionHandler(Zoetrope::explain);
    }

    private static CommandSpec subcommand(CommandLine command, String name) {
        return Objects.requireNonNull(command.getSubcommands().get(name), name).getCommandSpec();
    }

    /**
     * Prints an error. The message of an expected error states the remedy. The stack trace of an unexpected error goes
     * to the log file.
     */
    private static int explain(Exception thrown, CommandLine command, ParseResult parsed) {
        Optional<String> full = DiskFull.explain(thrown);
        if (full.isPresent()) {
            command.getErr().println(full.get());
        } else if (isExpected(thrown)) {
            command.getErr().println(thrown.getMessage());
        } else {
            LoggerFactory.getLogger(Zoetrope.class).error("{} failed", command.getCommandName(), thrown);
            command.getErr().println(thrown + "\nThe stack trace is in " + Logs.file());
        }
        return COMMAND_FAILED;
    }

    private static boolean isExpected(Exception thrown) {
        return thrown instanceof UsageException
                || thrown instanceof ConfigException
                || thrown instanceof BundleException
                || thrown instanceof BrokerStartException
                || thrown instanceof ProvisioningException
                || thrown instanceof TopicCatalogException;
    }
}
