package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.wire.MalformedRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the committed records of a topic, from its beginning to its current end. */
final class TopicScan {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);

    /** Receives the records, those of a partition in their order. */
    interface Visitor {
        void visit(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException;
    }

    private TopicScan() {}

    /**
     * Reads a topic.
     *
     * @throws UsageException if the topic does not exist
     * @throws MalformedRecordException if the visitor throws it
     */
    static void read(KafkaConsumer<byte[], byte[]> consumer, String topic, KafkaSettings kafka, Visitor visitor)
            throws MalformedRecordException {
        List<TopicPartition> partitions = KafkaClients.partitions(consumer, topic, kafka);
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream()
                .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
                visitor.visit(record);
            }
        }
    }
}
