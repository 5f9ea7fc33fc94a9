package io.zoetrope.cli;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes prompts to their topic, one after the other. The next prompt is sent when Kafka has acknowledged the one
 * before, so no batch overtakes another. An idempotent producer with two batches on their way can meet a partition whose
 * leader is elected between them, as after the creation of the topic: the broker accepts the second, and refuses the first
 * one for ever.
 */
final class PromptPublisher implements AutoCloseable {
    /**
     * The producer's own limit. It is above the limit of any topic of prompts, first frames included, so that the topic
     * decides which prompt is too large.
     */
    private static final int MAX_REQUEST_BYTES = 30 << 20;

    private final KafkaSettings kafka;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    /**
     * Creates the producer.
     *
     * @throws UsageException if the producer does not accept its settings
     */
    PromptPublisher(KafkaSettings kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
        this.producer = KafkaClients.create(
                kafka,
                () -> new KafkaProducer<>(settings(kafka), new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** Returns the settings of a producer of prompts, which reports an error if Kafka does not respond in time. */
    static Properties settings(KafkaSettings kafka) {
        Properties properties = new Properties();
        properties.setProperty(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(KafkaSettings.RESPONSE_TIMEOUT.toMillis()));
        properties.putAll(kafka.producer());
        properties.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(MAX_REQUEST_BYTES));
        return properties;
    }

    /**
     * Publishes a prompt. Blocks until Kafka has acknowledged it.
     *
     * @throws UsageException if Kafka does not respond or refuses the prompt
     */
    void publish(PromptRequest request) throws InterruptedException {
        byte[] key = request.requestId().getBytes(StandardCharsets.UTF_8);
        byte[] event = PromptCodec.encode(request);
        try {
            producer.send(new ProducerRecord<>(topic, key, event)).get();
        } catch (KafkaException e) {
            throw KafkaClients.unreachable(kafka, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                throw new UsageException(
                        "the prompt " + request.requestId() + " has " + event.length
                                + " bytes with its first frame, more than the topic " + topic + " accepts at "
                                + kafka.servers() + "; send a smaller image, or raise the topic's max.message.bytes",
                        e);
            }
            if (KafkaAccess.isRefusal(e)) {
                throw new UsageException(KafkaAccess.explain(kafka, e), e);
            }
            throw new UsageException(
                    "Kafka at " + kafka.servers() + " did not accept the prompt " + request.requestId() + " ("
                            + Objects.requireNonNull(e.getCause()).getMessage()
                            + "); start one with ./zoetrope up, or create its topics with ./zoetrope topics apply",
                    e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
