package io.zoetrope.cli;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobOptions;
import io.zoetrope.flink.KafkaMoves;
import io.zoetrope.rollout.ModelVersion;
import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rollout",
        header = "Moves prompts to another version of their model while the job runs, and back.",
        synopsisSubcommandLabel = "(show | move | back)",
        subcommands = HelpCommand.class,
        description = {
            "The job serves both versions (--bundle OLD --bundle NEW) and reads the topic (--rollouts-topic). A move"
                    + " counts for prompts that are sent 5 s later or after that; those sent before are answered by the"
                    + " version of their time, however long they wait."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope rollout move bundles/toybox-64-b      prompts for this bundle's model",
            "  ./zoetrope rollout move toybox-64@1a2b3c4d5e6f   the same, by name and digest",
            "  ./zoetrope rollout move --default wan21-t2v      prompts that name no model",
            "  ./zoetrope rollout back                          undoes the newest move",
            "  ./zoetrope rollout show",
            "",
            "To try a version first, send it prompts: ./zoetrope prompt --model NAME@DIGEST"
        })
final class RolloutCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    /** The options of all subcommands. */
    private static final class TopicOptions {
        @Mixin
        private KafkaOptions kafkaOptions = new KafkaOptions();

        @Option(
                names = "--rollouts-topic",
                paramLabel = "NAME",
                description = "Topic of the moves. Default: ${DEFAULT-VALUE}.")
        private String topic = JobOptions.DEFAULT_ROLLOUTS_TOPIC;

        /** Reads the topic to its end. */
        Moves read(KafkaSettings kafka) {
            try {
                KafkaClients.requireTopic(kafka, topic);
                try (KafkaMoves view = new KafkaMoves(kafka.consumer(), topic)) {
                    return view.moves();
                }
            } catch (KafkaException e) {
                throw KafkaClients.unreachable(kafka, e);
            }
        }
    }

    @Command(name = "show", description = "Prints every move, the oldest first.")
    int show(@Mixin TopicOptions options) {
        List<Move> log = options.read(options.kafkaOptions.value()).log();
        log.forEach(this::print);
        if (log.isEmpty()) {
            out().println("no moves: the first bundle of each name answers");
        }
        return Zoetrope.OK;
    }

    @Command(name = "move", description = "Moves the prompts of a model, or those that name no model.")
    int move(
            @Mixin TopicOptions options,
            @Parameters(
                            paramLabel = "VERSION",
                            description =
                                    "Folder of a bundle, or NAME@DIGEST; with --default also the name of a model.")
                    String target,
            @Option(names = "--default", description = "Moves prompts that name no model.") boolean ofDefault)
            throws InterruptedException {
        KafkaSettings kafka = options.kafkaOptions.value();
        String version = Files.isDirectory(Path.of(target)) ? versionOf(Path.of(target)) : target;
        Optional<ModelVersion> parsed = ModelVersion.parse(version);
        if (parsed.isEmpty() && !ofDefault) {
            throw new UsageException("rollout move: expected the folder of a bundle, or a version NAME@DIGEST with "
                    + ModelVersion.DIGITS + " digits, got " + target
                    + "; the job's first lines and its metrics name the versions that it serves");
        }
        return publish(
                options, kafka, ofDefault ? Move.DEFAULT : parsed.orElseThrow().model(), Optional.of(version));
    }

    @Command(name = "back", description = "Undoes the newest move of a name: its prompts go where they went before.")
    int back(
            @Mixin TopicOptions options,
            @Parameters(
                            paramLabel = "NAME",
                            arity = "0..1",
                            description = "Model, or " + Move.DEFAULT + ". Default: the name of the newest move.")
                    @Nullable
                    String name)
            throws InterruptedException {
        KafkaSettings kafka = options.kafkaOptions.value();
        Moves moves = options.read(kafka);
        Optional<String> moved = Optional.ofNullable(name)
                .or(() -> moves.log().stream().reduce((first, last) -> last).map(Move::name));
        if (moved.isEmpty() || moves.newest(moved.get()).isEmpty()) {
            throw new UsageException("rollout back: topic " + options.topic + " has no move"
                    + moved.map(text -> " of " + text).orElse("") + "; ./zoetrope rollout show prints the moves");
        }
        return publish(options, kafka, moved.get(), moves.previousTarget(moved.get()));
    }

    private int publish(TopicOptions options, KafkaSettings kafka, String name, Optional<String> target)
            throws InterruptedException {
        KafkaClients.requireTopic(kafka, options.topic);
        try (MovePublisher publisher = new MovePublisher(kafka, options.topic)) {
            print(new Move(name, target, publisher.publish(name, target).plus(Move.LEAD)));
        }
        return Zoetrope.OK;
    }

    private static String versionOf(Path folder) {
        ModelBundle bundle = ModelBundle.open(folder);
        return ModelVersion.of(bundle.manifest().name(), bundle.digest()).toString();
    }

    private void print(Move move) {
        Instant from = move.from();
        out().println(ConsoleText.line("from " + from + " on, prompts "
                + (move.name().equals(Move.DEFAULT) ? "that name no model" : "for " + move.name())
                + " are answered by " + move.target().orElse("the first bundle")));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
