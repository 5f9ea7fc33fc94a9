package io.zoetrope.cli;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobOptions;
import io.zoetrope.kafka.BrokerStartException;
import io.zoetrope.kafka.ProvisioningException;
import io.zoetrope.kafka.TopicCatalogException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The command line. Exit codes: 0 all is well, 1 some prompts got no video, 2 nothing could be done. */
@Command(
        name = "zoetrope",
        description = "Turns prompts on a Kafka topic into playable video on another.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            PromptCommand.class,
            WatchCommand.class,
            TopicsCommand.class,
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
            "  ./zoetrope demo                  films a few built-in prompts",
            "  ./zoetrope demo \"a red circle moving right on a black background\"",
            "  ./zoetrope up                    leaves the same stack running",
            "  ./zoetrope test                  runs every test, Java and Python",
            "  ./zoetrope bench                 measures how fast it is, and writes the report",
            "  ./zoetrope python                runs Python where the model is trained",
            "",
            "Exit codes: 0 all is well, 1 some prompts got no video, 2 nothing could be done."
        })
public final class Zoetrope {
    static final int OK = 0;
    static final int SOME_FAILED = 1;
    static final int NOTHING_DONE = 2;

    private Zoetrope() {}

    /** Runs a subcommand and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Zoetrope());
        for (String name : List.of("demo", "up")) {
            JobOptionSpecs.addTo(subcommand(command, name), JobOptions.BOOTSTRAP_SERVERS);
        }
        JobOptionSpecs.addTo(subcommand(command, "job"));
        return command.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setExecutionExceptionHandler(Zoetrope::explain);
    }

    private static CommandSpec subcommand(CommandLine command, String name) {
        return Objects.requireNonNull(command.getSubcommands().get(name), name).getCommandSpec();
    }

    /** What somebody can mend is said in its own words; what nobody expected, with where its trace is. */
    private static int explain(Exception thrown, CommandLine command, ParseResult parsed) {
        if (isExplained(thrown)) {
            command.getErr().println(thrown.getMessage());
        } else {
            LoggerFactory.getLogger(Zoetrope.class).error("{} failed", command.getCommandName(), thrown);
            command.getErr().println(thrown + "\nThe stack trace is in " + Logs.file());
        }
        return NOTHING_DONE;
    }

    private static boolean isExplained(Exception thrown) {
        return thrown instanceof UsageException
                || thrown instanceof ConfigException
                || thrown instanceof BundleException
                || thrown instanceof BrokerStartException
                || thrown instanceof ProvisioningException
                || thrown instanceof TopicCatalogException;
    }
}
