package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobOptions;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "dlq",
        header = "Lists the failures of a running job, and publishes failed prompts again.",
        synopsisSubcommandLabel = "(list | replay)",
        subcommands = HelpCommand.class,
        description = {"Reads the committed records of the topic of failures, from its beginning to its current end."},
        footer = {
            "",
            "Examples:",
            "  ./zoetrope dlq list --since 2h",
            "  ./zoetrope dlq list --code INFERENCE_FAILED --code OUT_OF_MEMORY",
            "  ./zoetrope dlq replay --since 2h --dry-run",
            "  ./zoetrope dlq replay --request-id order-17 --all",
            "",
            "Exit codes: 0 success, 1 some failures were not replayed,",
            "2 Kafka does not respond, or the topic does not exist."
        })
final class DlqCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    /** The options of both subcommands. */
    private static final class Failures {
        @Mixin
        private KafkaOptions kafkaOptions = new KafkaOptions();

        @Option(
                names = "--failures-topic",
                paramLabel = "NAME",
                description = "Topic that failures are read from. Default: ${DEFAULT-VALUE}.")
        private String topic = JobOptions.DEFAULT_FAILURES_TOPIC;

        @Mixin
        private RegistryOption registryOption = new RegistryOption();

        @Mixin
        private FailureFilter filter = new FailureFilter();

        /** Calls the visitor with every failure. */
        void read(KafkaSettings kafka, RecordReader records, Consumer<FailedPrompt> visitor)
                throws MalformedRecordException {
            try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(kafka)) {
                TopicScan.read(
                        consumer,
                        topic,
                        kafka,
                        record -> visitor.accept(records.decode(RecordCodec.FAILED_PROMPT, record.value())));
            } catch (KafkaException e) {
                throw KafkaClients.unreachable(kafka, e);
            }
        }
    }

    @Command(
            name = "list",
            description = "Prints the failures: time, code, whether a replay can help, request and reason.",
            footer = {"", "Exit codes: 0 success, 2 Kafka does not respond, or the topic does not exist."})
    int list(@Mixin Failures failures) throws MalformedRecordException {
        Predicate<FailedPrompt> selected = failures.filter.value(InstantSource.system());
        KafkaSettings kafka = failures.kafkaOptions.value();
        int[] counts = new int[2];
        out().println("%-24s  %-20s  %-9s  %s".formatted("time", "code", "retryable", "request: reason"));
        failures.read(kafka, failures.registryOption.value(kafka), failure -> {
            counts[0]++;
            if (selected.test(failure)) {
                counts[1]++;
                out().println(ConsoleText.line(row(failure)));
            }
        });
        out().println(counts[1] + " of " + counts[0] + " failures");
        return Zoetrope.OK;
    }

    @Command(
            name = "replay",
            description = {
                "Publishes the prompts of retryable failures again, each with a new request id: order-17 as order-17~1, and"
                        + " that one as order-17~2. A replay that is repeated has the same ids, so the job answers each"
                        + " of them once.",
                "The prompt keeps the seed of the first one, and has its id in the label replay_of. A failure whose"
                        + " replay has failed too is not replayed, but that one is."
            },
            footer = {
                "",
                "Exit codes: 0 all selected failures were replayed, 1 some were not,",
                "2 Kafka does not respond, or a topic does not exist."
            })
    int replay(
            @Mixin Failures failures,
            @Option(
                            names = "--prompts-topic",
                            paramLabel = "NAME",
                            defaultValue = JobOptions.DEFAULT_PROMPTS_TOPIC,
                            description = "Topic that the prompts are published to. Default: ${DEFAULT-VALUE}.")
                    String promptsTopic,
            @Option(names = "--all", description = "Also failures that are not retryable.") boolean all,
            @Option(names = "--dry-run", description = "Print what would be published, and publish nothing.")
                    boolean dryRun,
            @Option(
                            names = "--rate",
                            paramLabel = "N",
                            defaultValue = "10",
                            description = "Largest number of prompts per second. Default: ${DEFAULT-VALUE}.")
                    int rate)
            throws MalformedRecordException, InterruptedException {
        if (rate < 1) {
            throw new UsageException("--rate is " + rate + "; give 1 or more");
        }
        Predicate<FailedPrompt> selected = failures.filter.value(InstantSource.system());
        KafkaSettings kafka = failures.kafkaOptions.value();
        RecordReader records = failures.registryOption.value(kafka);
        // The ids first, so that a prompt that was replayed before is not replayed from its first failure.
        Set<String> failed = new HashSet<>();
        failures.read(kafka, records, failure -> {
            if (failure.getRequestId() != null) {
                failed.add(failure.getRequestId());
            }
        });
        Predicate<FailedPrompt> chosen = selected.and(failure -> all || failure.getRetryable())
                .and(failure ->
                        failure.getRequestId() == null || !failed.contains(Replay.nextId(failure.getRequestId())));
        try (ReplayRun run = ReplayRun.of(kafka, promptsTopic, rate, dryRun, out())) {
            failures.read(kafka, records, failure -> {
                if (chosen.test(failure)) {
                    run.add(
                            failure,
                            Replay.of(failure, records, InstantSource.system().instant()));
                }
            });
            return run.end() ? Zoetrope.OK : Zoetrope.SOME_FAILED;
        } catch (KafkaException e) {
            throw KafkaClients.unreachable(kafka, e);
        }
    }

    private static String row(FailedPrompt failure) {
        return "%-24s  %-20s  %-9s  %s: %s"
                .formatted(
                        failure.getFailedAt(),
                        failure.getCode(),
                        failure.getRetryable() ? "yes" : "no",
                        request(failure),
                        failure.getMessage());
    }

    /** Returns the request id; the position of the event if it has no valid one. */
    static String request(FailedPrompt failure) {
        return failure.getRequestId() != null
                ? failure.getRequestId()
                : failure.getTopic() + "-" + failure.getPartition() + "@" + failure.getOffset();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
