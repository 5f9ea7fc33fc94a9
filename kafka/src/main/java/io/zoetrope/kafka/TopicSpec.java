package io.zoetrope.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The settings that a topic has to have.
 *
 * @param name the topic's name
 * @param partitions the number of partitions, at least 1
 * @param replicationFactor the number of replicas, at least 1; empty for the cluster's default
 * @param cleanupPolicy {@code delete}, {@code compact} or {@code compact,delete}
 * @param retention how long Kafka keeps records, in whole milliseconds
 * @param maxMessageBytes the size of the largest record batch, as the broker stores it
 * @param timestampType the source of a record's time: {@code CreateTime} for its producer, {@code LogAppendTime} for
 *     the broker
 * @param compressionType {@code producer} to keep each batch as its producer compressed it, or the compression in which
 *     the broker stores every batch
 */
public record TopicSpec(
        String name,
        int partitions,
        OptionalInt replicationFactor,
        String cleanupPolicy,
        Duration retention,
        int maxMessageBytes,
        String timestampType,
        String compressionType) {
    static final String PARTITIONS = "partitions";
    static final String REPLICATION_FACTOR = "replication.factor";

    /** Throws an {@link IllegalArgumentException} if a number is below 1 or the retention is not positive. */
    public TopicSpec {
        if (partitions < 1 || replicationFactor.orElse(1) < 1 || maxMessageBytes < 1 || retention.toMillis() < 1) {
            throw new IllegalArgumentException("topic " + name + ": expected every number to be at least 1, got "
                    + partitions + " partitions, replication factor " + replicationFactor + ", retention " + retention
                    + ", " + maxMessageBytes + " bytes per message");
        }
    }

    /** Returns the settings that Kafka calls topic configs, with Kafka's names and in Kafka's text form. */
    Map<String, String> configs() {
        return new TreeMap<>(Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                cleanupPolicy,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.toMillis()),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                Integer.toString(maxMessageBytes),
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                timestampType,
                TopicConfig.COMPRESSION_TYPE_CONFIG,
                compressionType));
    }

    NewTopic toNewTopic() {
        short replicas = (short) replicationFactor.orElse(-1);
        return new NewTopic(name, partitions, replicas).configs(configs());
    }
}
