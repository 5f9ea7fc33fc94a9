package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads the committed records of both answer topics. */
final class AnswerReader implements AutoCloseable {
    private final Topics topics;
    private final RecordReader records;
    private final Consumer<String> warnings;
    private final VideoAssembler assembler;
    private final KafkaConsumer<byte[], byte[]> consumer;

    /**
     * The topics that answers are published to.
     *
     * @param videos the topic of video segments
     * @param failures the topic of failures
     */
    record Topics(String videos, String failures) {}

    /**
     * Connects to Kafka and sets the position to read from.
     *
     * @param payloads the folder of the payloads that are not in their records; no other is read
     * @param records decodes the values
     * @param fromBeginning whether to read the records that the topics contain already
     * @param warnings receives a message for each record that cannot be used
     * @throws UsageException if Kafka does not respond, or does not have a topic
     */
    AnswerReader(
            KafkaSettings kafka,
            Topics topics,
            Optional<PayloadFolder> payloads,
            RecordReader records,
            boolean fromBeginning,
            Consumer<String> warnings) {
        this.topics = topics;
        this.records = records;
        this.assembler = new VideoAssembler(payloads);
        this.warnings = warnings;
        this.consumer = KafkaClients.consumer(kafka);
        try {
            List<TopicPartition> partitions = Stream.of(topics.videos(), topics.failures())
                    .flatMap(topic -> KafkaClients.partitions(consumer, topic, kafka).stream())
                    .toList();
            consumer.assign(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
            }
            // A seek is lazy: without this, an answer that is published before the first poll would be missed.
            partitions.forEach(consumer::position);
        } catch (KafkaException e) {
            consumer.close();
            throw KafkaClients.unreachable(kafka, e);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Returns the answers since the last call. Waits for at most {@code timeout} if there are none. */
    List<Answer> poll(Duration timeout) {
        List<Answer> answers = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
            answer(record).ifPresent(answers::add);
        }
        return answers;
    }

    @Override
    public void close() {
        consumer.close();
    }

    private Optional<? extends Answer> answer(ConsumerRecord<byte[], byte[]> record) {
        try {
            if (record.topic().equals(topics.failures())) {
                return Optional.of(new Answer.Failed(records.decode(RecordCodec.FAILED_PROMPT, record.value())));
            }
            return assembler.add(records.decode(RecordCodec.VIDEO_SEGMENT, record.value()));
        } catch (MalformedRecordException | IllegalArgumentException | IOException e) {
            warnings.accept(record.topic() + "-" + record.partition() + "@" + record.offset() + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}
