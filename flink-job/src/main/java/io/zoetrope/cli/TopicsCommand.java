package io.zoetrope.cli;

import io.zoetrope.flink.TopicCheck;
import io.zoetrope.kafka.Drift;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicChange;
import io.zoetrope.kafka.TopicProvisioner;
import io.zoetrope.kafka.TopicStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "topics",
        header = "Provisions the topics of any Kafka from one reviewed file.",
        synopsisSubcommandLabel = "(apply | show)",
        subcommands = HelpCommand.class,
        description = {
            "The file is kafka/topics.yaml, unless another is given.",
            "Nothing is ever deleted, and topics that the file does not name are left alone."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope topics show  --bootstrap-servers kafka-1:9092",
            "  ./zoetrope topics apply --bootstrap-servers kafka-1:9092",
            "  ./zoetrope topics apply --file our-topics.yaml",
            "",
            "Exit codes: 0 the topics are as the file says, 1 some differ,",
            "2 Kafka does not answer, or the file is wrong."
        })
final class TopicsCommand {
    private static final String SERVERS = "Kafka brokers to start from. Default: " + KafkaAddress.DEFAULT + ".";
    private static final String FILE = "Another file of the same form.";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls
    private CommandSpec spec;

    @Command(
            name = "show",
            footer = "%nExit codes: 0 they do not differ, 1 some do, 2 Kafka does not answer.",
            description = "Prints where the topics differ from the file.")
    int show(
            @Option(
                            names = "--bootstrap-servers",
                            paramLabel = "S",
                            defaultValue = KafkaAddress.DEFAULT,
                            description = SERVERS)
                    String bootstrapServers,
            @Option(names = "--file", paramLabel = "FILE", description = FILE) @Nullable Path file)
            throws IOException {
        TopicCatalog catalog = catalog(file);
        List<TopicStatus> topics = with(bootstrapServers, provisioner -> provisioner.show(catalog));
        for (TopicStatus topic : topics) {
            out().println(topic.spec().name() + ": "
                    + (!topic.exists() ? "missing" : topic.drift().isEmpty() ? "as the file says" : "differs"));
            topic.drift().forEach(this::print);
        }
        return topics.stream().allMatch(TopicStatus::matches) ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    @Command(
            name = "apply",
            footer = "%nExit codes: 0 all is as the file says, 1 something is not, 2 Kafka does not answer.",
            description =
                    "Makes missing topics, raises partition counts and sets what differs; a second call changes nothing.")
    int apply(
            @Option(
                            names = "--bootstrap-servers",
                            paramLabel = "S",
                            defaultValue = KafkaAddress.DEFAULT,
                            description = SERVERS)
                    String bootstrapServers,
            @Option(names = "--file", paramLabel = "FILE", description = FILE) @Nullable Path file)
            throws IOException {
        TopicCatalog catalog = catalog(file);
        List<TopicChange> changes = with(bootstrapServers, provisioner -> provisioner.apply(catalog));
        for (TopicChange change : changes) {
            out().println(change.topic() + ": "
                    + switch (change.action()) {
                        case CREATED -> "created";
                        case CHANGED -> "changed";
                        case UNCHANGED -> "as it was";
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
            case NEW_TOPIC -> "Kafka takes no partition away; correct the file, or move to another topic";
            case REASSIGN_REPLICAS -> "move replicas with kafka-reassign-partitions";
        };
        out().println("  " + drift.setting() + ": is " + drift.actual() + ", the file says " + drift.expected() + "; "
                + remedy);
    }

    private static TopicCatalog catalog(@Nullable Path file) throws IOException {
        return file == null ? TopicCatalog.shipped() : TopicCatalog.read(file);
    }

    private static <T> T with(String bootstrapServers, Function<TopicProvisioner, T> work) {
        try (Admin admin = KafkaAddress.connect(
                bootstrapServers,
                () -> Admin.create(Map.<String, Object>of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        (int) TopicCheck.ANSWERS_WITHIN.toMillis(),
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) TopicCheck.ANSWERS_WITHIN.toMillis())))) {
            return work.apply(new TopicProvisioner(admin));
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
