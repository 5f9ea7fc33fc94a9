package io.zoetrope.bench.job;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a job's committed answers on a thread and completes the waiting futures: normally for a video, exceptionally
 * for a failure.
 */
final class AnswerThread implements AutoCloseable {
    private static final int FETCH_BYTES = 32 << 20;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final JobTopics topics;
    private final Map<String, CompletableFuture<Long>> waiting;
    private final Thread thread;

    private AnswerThread(
            KafkaConsumer<byte[], byte[]> consumer, JobTopics topics, Map<String, CompletableFuture<Long>> waiting) {
        this.consumer = consumer;
        this.topics = topics;
        this.waiting = waiting;
        this.thread = new Thread(this::read, "answers-" + topics.videos());
        thread.setDaemon(true);
    }

    static AnswerThread start(KafkaSettings kafka, JobTopics topics, Map<String, CompletableFuture<Long>> waiting) {
        Properties properties = kafka.consumer();
        properties.setProperty(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = Stream.of(topics.videos(), topics.failures())
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        AnswerThread answers = new AnswerThread(consumer, topics, waiting);
        answers.thread.start();
        return answers;
    }

    private void read() {
        try (consumer) {
            while (true) {
                consumer.poll(Duration.ofHours(1)).forEach(this::settle);
            }
        } catch (WakeupException e) {
            // close() was called
        } catch (RuntimeException e) {
            waiting.values().forEach(answer -> answer.completeExceptionally(e));
        }
    }

    private void settle(ConsumerRecord<byte[], byte[]> record) {
        CompletableFuture<Long> answer = waiting.remove(new String(record.key(), StandardCharsets.UTF_8));
        if (answer == null) {
            return; // at-least-once delivery can repeat an answer
        }
        if (record.topic().equals(topics.failures())) {
            answer.completeExceptionally(
                    new IllegalStateException("expected a video, got the failure" + " " + failure(record)));
        } else {
            answer.complete(record.timestamp());
        }
    }

    private static String failure(ConsumerRecord<byte[], byte[]> record) {
        try {
            return RecordCodec.FAILED_PROMPT.decode(record.value()).toString();
        } catch (MalformedRecordException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join();
    }
}
