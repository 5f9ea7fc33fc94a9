package io.zoetrope.cli;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.Drift;
import io.zoetrope.kafka.ProvisioningException;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicChange;
import io.zoetrope.kafka.TopicProvisioner;
import io.zoetrope.kafka.TopicStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "topics",
        header = "Creates and updates the topics of a Kafka cluster from one file.",
        synopsisSubcommandLabel = "(apply | show)",
        subcommands = HelpCommand.class,
        description = {
            "The file is kafka/topics.yaml, unless another is given.",
            "Nothing is ever deleted, and topics that the file does not name are not changed."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope topics show  --bootstrap-servers kafka-1:9092",
            "  ./zoetrope topics apply --bootstrap-servers kafka-1:9092",
            "  ./zoetrope topics apply --file our-topics.yaml",
            "",
            "Exit codes: 0 the topics match the file, 1 some differ,",
            "2 Kafka does not respond, or the file is wrong."
        })
final class TopicsCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    /** The options of both subcommands. */
    private static final class TopicOptions {
        @Mixin
        private KafkaOptions kafkaOptions = new KafkaOptions();

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "Topics file, in the format of kafka/topics.yaml. Default: kafka/topics.yaml.")
        private @Nullable Path file;

        /** Calls {@code work} with the topics of the file and a connection to Kafka. */
        <T> T apply(BiFunction<TopicProvisioner, TopicCatalog, T> work) throws IOException {
            TopicCatalog catalog = file == null ? TopicCatalog.shipped() : TopicCatalog.read(file);
            KafkaSettings kafka = kafkaOptions.value();
            try (Admin admin = KafkaClients.create(kafka, kafka::openAdmin)) {
                return work.apply(new TopicProvisioner(admin), catalog);
            } catch (ProvisioningException e) {
                if (KafkaAccess.isRefusal(e)) {
                    throw new UsageException(KafkaAccess.explain(kafka, e), e);
                }
                throw e;
            }
        }
    }

    @Command(
            name = "show",
            description = "Prints where the topics differ from the file. Changes nothing.",
            footer = {"", "Exit codes: 0 the topics match the file, 1 some differ,", "2 Kafka does not respond."})
    int show(@Mixin TopicOptions options) throws IOException {
        List<TopicStatus> topics = options.apply(TopicProvisioner::show);
        for (TopicStatus topic : topics) {
            out().println(topic.spec().name() + ": "
                    + (!topic.exists() ? "missing" : topic.drift().isEmpty() ? "matches the file" : "differs"));
            topic.drift().forEach(this::print);
        }
        return topics.stream().allMatch(TopicStatus::matches) ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    @Command(
            name = "apply",
            description = "Creates missing topics, raises partition counts and sets the configuration values that"
                    + " differ. A second call changes nothing.",
            footer = {"", "Exit codes: 0 the topics match the file, 1 some still differ,", "2 Kafka does not respond."})
    int apply(@Mixin TopicOptions options) throws IOException {
        List<TopicChange> changes = options.apply(TopicProvisioner::apply);
        for (TopicChange change : changes) {
            out().println(change.topic() + ": "
                    + switch (change.action()) {
                        case CREATED -> "created";
                        case CHANGED -> "changed";
                        case UNCHANGED -> "unchanged";
                    });
            change.repaired()
                    .forEach(drift ->
                            out().println("  " + drift.setting() + ": " + drift.actual() + " -> " + drift.expected()));
            change.remaining().forEach(this::print);
        }
        return changes.stream().allMatch(change -> change.remaining().isEmpty()) ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    private void print(Drift drift) {
        String remedy = switch (drift.repair()) {
            case APPLY -> "./zoetrope topics apply sets it";
            case NEW_TOPIC -> "Kafka cannot remove partitions; correct the file, or create another topic";
            case REASSIGN_REPLICAS -> "move replicas with kafka-reassign-partitions";
        };
        out().println("  " + drift.setting() + ": is " + drift.actual() + ", the file has " + drift.expected() + "; "
                + remedy);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
