package io.zoetrope.cli;

import io.zoetrope.flink.TopicCheck;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes prompts. */
final class PromptPublisher implements AutoCloseable {
    /** More than any topic of prompts takes, first frame included: what is too large, the topic says. */
    private static final int LARGEST_REQUEST = 30 << 20;

    private final String bootstrapServers;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;

    /** Connects to a Kafka; throws a {@link UsageException} if the address is none. */
    PromptPublisher(String bootstrapServers, String topic) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.producer = KafkaAddress.connect(
                bootstrapServers,
                () -> new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                bootstrapServers,
                                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                                (int) TopicCheck.ANSWERS_WITHIN.toMillis(),
                                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                                LARGEST_REQUEST),
                        new ByteArraySerializer(),
                        new ByteArraySerializer()));
    }

    /**
     * Publishes a prompt and returns when Kafka has acknowledged it.
     *
     * @throws UsageException if Kafka does not
     */
    void publish(PromptRequest request) throws InterruptedException {
        byte[] key = request.requestId().getBytes(StandardCharsets.UTF_8);
        byte[] event = PromptCodec.encode(request);
        try {
            producer.send(new ProducerRecord<>(topic, key, event)).get();
        } catch (KafkaException e) {
            throw KafkaAddress.unreachable(bootstrapServers, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                throw new UsageException(
                        "the prompt " + request.requestId() + " has " + event.length
                                + " bytes with its first frame, more than " + topic + " takes at " + bootstrapServers
                                + "; send a smaller image, or raise the topic's max.message.bytes",
                        e);
            }
            throw new UsageException(
                    "Kafka at " + bootstrapServers + " did not take the prompt " + request.requestId() + " ("
                            + Objects.requireNonNull(e.getCause()).getMessage()
                            + "); start one with ./zoetrope up, or make its topics with ./zoetrope topics apply",
                    e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
