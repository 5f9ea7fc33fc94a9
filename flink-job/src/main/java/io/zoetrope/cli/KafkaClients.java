package io.zoetrope.cli;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.flink.KafkaCheck;
import java.util.List;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Creates Kafka clients, and turns their errors into messages that name the remedy. */
final class KafkaClients {
    private KafkaClients() {}

    /**
     * Creates a client.
     *
     * @param kafka the settings of the client, for the error message
     * @throws UsageException if the client does not accept its settings
     */
    static <T> T create(KafkaSettings kafka, Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (KafkaException e) {
            throw unreachable(kafka, e);
        }
    }

    /**
     * Creates a consumer of committed records. It joins no group and commits no offsets.
     *
     * @throws UsageException if the client does not accept its settings
     */
    static KafkaConsumer<byte[], byte[]> consumer(KafkaSettings kafka) {
        Properties properties = new Properties();
        properties.setProperty(
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(KafkaSettings.RESPONSE_TIMEOUT.toMillis()));
        properties.putAll(kafka.consumer());
        return create(
                kafka, () -> new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * Returns the partitions of a topic.
     *
     * @throws UsageException if the topic does not exist
     */
    static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic, KafkaSettings kafka) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new UsageException(KafkaCheck.missing(topic, kafka.servers()));
        }
        return partitions;
    }

    /**
     * Checks that a topic exists.
     *
     * @throws UsageException if it does not, or if Kafka does not respond
     */
    static void requireTopic(KafkaSettings kafka, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka)) {
            var unused = partitions(consumer, topic, kafka);
        } catch (KafkaException e) {
            throw unreachable(kafka, e);
        }
    }

    /** Returns the error to report if Kafka does not respond. */
    static UsageException unreachable(KafkaSettings kafka, KafkaException thrown) {
        return new UsageException(KafkaAccess.explain(kafka, thrown), thrown);
    }
}
