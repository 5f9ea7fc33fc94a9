package io.zoetrope.chaos.ledger;

import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The topics of the answers.
 *
 * @param bootstrapServers the broker's address
 * @param videos the topic of the videos
 * @param failures the topic of the failures
 */
public record AnswerTopics(String bootstrapServers, String videos, String failures) {
    /** Creates a consumer of committed records, which starts at the beginning of each partition. */
    KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** Returns the partitions of both topics. */
    List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer) {
        List<TopicPartition> all = new ArrayList<>(partitions(consumer, videos));
        all.addAll(partitions(consumer, failures));
        return all;
    }

    static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo partition : consumer.partitionsFor(topic)) {
            partitions.add(new TopicPartition(topic, partition.partition()));
        }
        return partitions;
    }

    /** Returns the id of the request that a record answers. */
    String requestId(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        return record.topic().equals(videos)
                ? RecordCodec.VIDEO_SEGMENT.decode(record.value()).getRequestId()
                : String.valueOf(
                        RecordCodec.FAILED_PROMPT.decode(record.value()).getRequestId());
    }
}
