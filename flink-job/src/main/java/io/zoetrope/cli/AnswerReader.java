package io.zoetrope.cli;

import io.zoetrope.flink.TopicCheck;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads both answer topics, committed records only. */
final class AnswerReader implements AutoCloseable {
    private final Topics topics;
    private final Consumer<String> complaints;
    private final VideoAssembler assembler = new VideoAssembler();
    private final KafkaConsumer<byte[], byte[]> consumer;

    /**
     * The topics that answers come on.
     *
     * @param videos of segments
     * @param failures of failures
     */
    record Topics(String videos, String failures) {}

    /**
     * Connects, and finds the place to read from.
     *
     * @param fromBeginning whether what is there already is read too
     * @param complaints told of each record that cannot be used
     * @throws UsageException if Kafka does not answer, or lacks a topic
     */
    AnswerReader(String bootstrapServers, Topics topics, boolean fromBeginning, Consumer<String> complaints) {
        this.topics = topics;
        this.complaints = complaints;
        this.consumer = KafkaAddress.connect(
                bootstrapServers,
                () -> new KafkaConsumer<>(
                        Map.of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                bootstrapServers,
                                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                                "read_committed",
                                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                                false,
                                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                                (int) TopicCheck.ANSWERS_WITHIN.toMillis()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer()));
        try {
            List<TopicPartition> partitions = partitions(bootstrapServers);
            consumer.assign(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
            }
            // Seeking waits until it must; an answer that came before the first poll would be missed.
            partitions.forEach(consumer::position);
        } catch (KafkaException e) {
            consumer.close();
            throw KafkaAddress.unreachable(bootstrapServers, e);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** What came since the last call; waits for at most {@code patience} where nothing did. */
    List<Answer> poll(Duration patience) {
        List<Answer> answers = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
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
                return Optional.of(new Answer.Refusal(RecordCodec.FAILED_PROMPT.decode(record.value())));
            }
            return assembler.add(RecordCodec.VIDEO_SEGMENT.decode(record.value()));
        } catch (MalformedRecordException | IllegalArgumentException e) {
            complaints.accept(record.topic() + "-" + record.partition() + " at offset " + record.offset() + ": "
                    + e.getMessage());
            return Optional.empty();
        }
    }

    private List<TopicPartition> partitions(String bootstrapServers) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : List.of(topics.videos(), topics.failures())) {
            List<PartitionInfo> found = consumer.partitionsFor(topic);
            if (found.isEmpty()) {
                throw new UsageException("topic " + topic + " does not exist at " + bootstrapServers
                        + "; make it with ./zoetrope topics apply --bootstrap-servers " + bootstrapServers);
            }
            found.forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
        }
        return partitions;
    }
}
