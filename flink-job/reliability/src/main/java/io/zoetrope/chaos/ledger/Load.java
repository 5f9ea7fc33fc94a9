package io.zoetrope.chaos.ledger;

import io.zoetrope.chaos.job.Clips;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes requests at a steady rate, on a thread of its own, and writes each to the ledger. */
public final class Load implements AutoCloseable {
    private static final long IDLE_NANOS = 20_000_000;

    private final String topic;
    private final String prefix;
    private final Ledger ledger;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicInteger next = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "load");
    private volatile double perSecond;
    private volatile boolean paused = true;
    private volatile boolean closed;

    /**
     * Creates the load, which is paused.
     *
     * @param prefix the first part of each request id
     * @param perSecond the number of requests per second
     */
    public Load(String bootstrapServers, String topic, String prefix, double perSecond, Ledger ledger) {
        this.topic = topic;
        this.prefix = prefix;
        this.perSecond = perSecond;
        this.ledger = ledger;
        next.set(ledger.size());
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        // Longer than any outage of the broker, so that a request is refused only by a real fault.
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        300_000,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        300_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        long due = System.nanoTime();
        while (!closed) {
            long now = System.nanoTime();
            if (paused) {
                due = now;
                LockSupport.parkNanos(IDLE_NANOS);
            } else if (now < due) {
                LockSupport.parkNanos(Math.min(due - now, IDLE_NANOS));
            } else {
                send();
                // After an outage of the broker the load continues at its rate, and does not catch up.
                due = Math.max(due, now - 1_000_000_000) + (long) (1e9 / perSecond);
            }
        }
    }

    private void send() {
        int number = next.getAndIncrement();
        String id = "%s-%06d".formatted(prefix, number);
        int clip = number % Clips.COUNT;
        long millis = System.currentTimeMillis();
        ledger.sent(id, clip, millis);
        byte[] event = PromptCodec.encode(new PromptRequest(
                id,
                Clips.text(clip),
                Optional.of(Clips.seed(clip)),
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.ofEpochMilli(millis)));
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), event);
        var unused = producer.send(record, (stored, refused) -> {
            if (refused == null) {
                ledger.acknowledged(id, stored.topic() + "-" + stored.partition() + "@" + stored.offset());
            } else {
                ledger.refused(id, refused);
            }
        });
    }

    /** Starts to publish, or continues. */
    public void resume() {
        paused = false;
    }

    /** Stops publishing until {@link #resume}, and waits until Kafka has acknowledged every request. */
    public void pause() {
        paused = true;
        producer.flush();
    }

    /** Publishes requests at once, beside the steady ones. */
    public void burst(int count) {
        for (int i = 0; i < count; i++) {
            send();
        }
    }

    /** Sets the number of requests per second. */
    public void rate(double value) {
        perSecond = value;
    }

    /** Stops publishing, and returns when Kafka has acknowledged every request. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        producer.close();
    }
}
