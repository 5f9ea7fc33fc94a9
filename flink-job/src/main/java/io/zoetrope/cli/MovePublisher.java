package io.zoetrope.cli;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Publishes moves to the rollouts topic. */
final class MovePublisher implements AutoCloseable {
    private final KafkaSettings kafka;
    private final String topic;
    private final KafkaProducer<String, @Nullable String> producer;

    /**
     * Creates the producer.
     *
     * @throws UsageException if the producer does not accept its settings
     */
    MovePublisher(KafkaSettings kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
        Properties properties = new Properties();
        properties.setProperty(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(KafkaSettings.RESPONSE_TIMEOUT.toMillis()));
        properties.putAll(kafka.producer());
        this.producer = KafkaClients.create(
                kafka, () -> new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer()));
    }

    /**
     * Publishes a move. Blocks until Kafka has acknowledged it.
     *
     * @param target empty to move back to the first bundle
     * @return the time at which the broker appended it
     * @throws UsageException if Kafka does not respond or refuses the record
     */
    Instant publish(String name, Optional<String> target) throws InterruptedException {
        try {
            return Instant.ofEpochMilli(producer.send(new ProducerRecord<>(topic, 0, name, target.orElse(null)))
                    .get()
                    .timestamp());
        } catch (KafkaException e) {
            throw KafkaClients.unreachable(kafka, e);
        } catch (ExecutionException e) {
            if (KafkaAccess.isRefusal(e)) {
                throw new UsageException(KafkaAccess.explain(kafka, e), e);
            }
            throw new UsageException(
                    "Kafka at " + kafka.servers() + " did not accept the move of " + name + " ("
                            + Objects.requireNonNull(e.getCause()).getMessage()
                            + "); nothing has moved",
                    e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
