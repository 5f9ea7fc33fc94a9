package io.zoetrope.cli;

import io.zoetrope.flink.KafkaAdmin;
import io.zoetrope.flink.KafkaCheck;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Creates Kafka clients, and turns their errors into messages that name the remedy. */
final class KafkaClients {
    private KafkaClients() {}

    /**
     * Creates a client.
     *
     * @param bootstrapServers the addresses that the client connects to, for the error message
     * @throws UsageException if the client does not accept the addresses
     */
    static <T> T create(String bootstrapServers, Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (KafkaException e) {
            throw unreachable(bootstrapServers, e);
        }
    }

    /**
     * Creates a consumer of committed records. It joins no group and commits no offsets.
     *
     * @throws UsageException if the client does not accept the addresses
     */
    static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
        return create(
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
                                (int) KafkaAdmin.RESPONSE_TIMEOUT.toMillis()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer()));
    }

    /**
     * Returns the partitions of a topic.
     *
     * @throws UsageException if the topic does not exist
     */
    static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic, String bootstrapServers) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new UsageException(KafkaCheck.missing(topic, bootstrapServers));
        }
        return partitions;
    }

    /** Returns the error to report if Kafka does not respond. */
    static UsageException unreachable(String bootstrapServers, KafkaException thrown) {
        Throwable reason = thrown.getCause() instanceof ConfigException ? thrown.getCause() : thrown;
        return new UsageException(
                "no Kafka responds at " + bootstrapServers + " (" + reason.getMessage()
                        + "); start one with ./zoetrope up, or give its address with --bootstrap-servers",
                thrown);
    }
}
