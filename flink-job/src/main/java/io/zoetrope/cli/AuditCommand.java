package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobOptions;
import io.zoetrope.failure.RequestException;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "audit",
        header = "Compares prompts with their answers, and names the prompts without an answer.",
        description = {
            "Reads the committed records of the three topics from their beginning to their current end. A prompt that"
                    + " the job still works on counts as unanswered, so run the command when the job is idle.",
            "Records that Kafka has deleted are not seen: the topics of the answers have to keep records at least as"
                    + " long as the topic of the prompts."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope audit",
            "  ./zoetrope audit --bootstrap-servers kafka-1:9092",
            "",
            "Exit codes: 0 each prompt was answered once, 1 some were not or were answered more",
            "than once, 2 Kafka does not respond, or a topic does not exist."
        })
final class AuditCommand implements Callable<Integer> {
    @Mixin
    private KafkaOptions kafkaOptions = new KafkaOptions();

    @Option(
            names = "--prompts-topic",
            paramLabel = "NAME",
            description = "Topic of the prompts. Default: ${DEFAULT-VALUE}.")
    private String promptsTopic = JobOptions.DEFAULT_PROMPTS_TOPIC;

    @Mixin
    private AnswerTopicsOptions answerTopics = new AnswerTopicsOptions();

    @Mixin
    private RegistryOption registryOption = new RegistryOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws MalformedRecordException {
        AnswerLedger ledger = new AnswerLedger();
        AnswerReader.Topics answers = answerTopics.value();
        KafkaSettings kafka = kafkaOptions.value();
        RecordReader reader = registryOption.value(kafka);
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(kafka)) {
            // The prompts first: an answer that is published meanwhile is not missing then.
            for (String topic : List.of(promptsTopic, answers.videos(), answers.failures())) {
                TopicScan.read(consumer, topic, kafka, record -> add(record, ledger, reader));
            }
        } catch (KafkaException e) {
            throw KafkaClients.unreachable(kafka, e);
        }
        return report(ledger);
    }

    private int report(AnswerLedger ledger) {
        PrintWriter out = spec.commandLine().getOut();
        ledger.unanswered()
                .forEach(request ->
                        out.println(ConsoleText.line("unanswered  " + request.getKey() + "  " + request.getValue())));
        ledger.doubled().forEach(request -> out.println(ConsoleText.line("more than once  " + request)));
        out.println("%d prompts: %d without an answer, %d answered more than once"
                .formatted(
                        ledger.requests(),
                        ledger.unanswered().size(),
                        ledger.doubled().size()));
        return ledger.unanswered().isEmpty() && ledger.doubled().isEmpty() ? Zoetrope.OK : Zoetrope.SOME_FAILED;
    }

    private void add(ConsumerRecord<byte[], byte[]> record, AnswerLedger ledger, RecordReader reader)
            throws MalformedRecordException {
        if (record.topic().equals(answerTopics.value().videos())) {
            ledger.segment(reader.decode(RecordCodec.VIDEO_SEGMENT, record.value()));
        } else if (record.topic().equals(answerTopics.value().failures())) {
            ledger.failure(reader.decode(RecordCodec.FAILED_PROMPT, record.value()));
        } else if (record.value() != null) { // a tombstone asks for no answer
            String position = record.topic() + "-" + record.partition() + "@" + record.offset();
            ledger.request(requestId(record, reader).orElse(position), position);
        }
    }

    /** Returns the request id; empty if the event has no valid one, and its failure names it by its position. */
    private static Optional<String> requestId(ConsumerRecord<byte[], byte[]> record, RecordReader reader) {
        try {
            byte[] value = reader.singleObject(RecordCodec.PROMPT_EVENT, record.value());
            return Optional.of(new KafkaEvent(
                            record.topic(), record.partition(), record.offset(), record.key(), value, List.of(), null)
                    .requestId());
        } catch (RequestException | MalformedRecordException e) {
            return Optional.empty();
        }
    }
}
