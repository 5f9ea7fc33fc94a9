package io.zoetrope.cli;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes repeated prompts in transactions of at most one second's share, so that an interrupted replay leaves no part of
 * a transaction. Two replays of one topic at a time exclude each other by their transactional id.
 */
final class ReplayPublisher implements AutoCloseable {
    /** The prefix of the transactional ids. Its permission is documented. */
    static final String TRANSACTIONAL_ID = "zoetrope.dlq.";

    private static final Duration SECOND = Duration.ofSeconds(1);
    /** The largest size of the prompts of a transaction, of which each may have a first frame. */
    private static final long MAX_BYTES = 16 << 20;

    private final String topic;
    private final int rate;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<ProducerRecord<byte[], byte[]>> share = new ArrayList<>();
    private final Pause pause;
    private long bytes;

    /** Waits for a time. */
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /**
     * Creates the producer, and ends the transaction of another replay.
     *
     * @param topic the topic of prompts
     * @param rate the largest number of prompts for each second
     */
    ReplayPublisher(KafkaSettings kafka, String topic, int rate, Pause pause) {
        this.topic = topic;
        this.rate = rate;
        this.pause = pause;
        Properties properties = PromptPublisher.settings(kafka);
        properties.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID + topic);
        this.producer = KafkaClients.create(
                kafka, () -> new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close();
            throw KafkaClients.unreachable(kafka, e);
        }
    }

    /** Publishes a prompt, together with those of the same second. */
    void publish(PromptRequest request) throws InterruptedException {
        if (share.size() == rate || bytes > MAX_BYTES) {
            commit();
            pause.of(SECOND);
        }
        byte[] key = request.requestId().getBytes(StandardCharsets.UTF_8);
        byte[] event = PromptCodec.encode(request);
        share.add(new ProducerRecord<>(topic, key, event));
        bytes += event.length;
    }

    /** Commits what is published. */
    void commit() {
        if (share.isEmpty()) {
            return;
        }
        try {
            producer.beginTransaction();
            for (ProducerRecord<byte[], byte[]> record : share) {
                var unused = producer.send(record); // the commit throws if one was not sent
            }
            producer.commitTransaction();
        } catch (ProducerFencedException e) {
            throw new UsageException(
                    "another replay to " + topic + " runs; wait until it has ended, then repeat this one", e);
        }
        share.clear();
        bytes = 0;
    }

    @Override
    public void close() {
        producer.close();
    }
}
