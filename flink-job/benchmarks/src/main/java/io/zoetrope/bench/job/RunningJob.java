package io.zoetrope.bench.job;

import io.zoetrope.bench.device.Clips;
import io.zoetrope.bench.device.OpenLoop;
import io.zoetrope.bench.statistics.Rate;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A running job, with a client that publishes prompts and a client that reads the committed videos. */
public final class RunningJob implements AutoCloseable {
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(3);

    private final LocalCluster cluster;
    private final LocalCluster.Job job;
    private final KafkaSettings kafka;
    private final JobTopics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AnswerThread answers;
    private final Map<String, CompletableFuture<Long>> waiting = new ConcurrentHashMap<>();
    private int published;

    RunningJob(LocalCluster cluster, LocalCluster.Job job, KafkaSettings kafka, JobTopics topics) {
        this.cluster = cluster;
        this.job = job;
        this.kafka = kafka;
        this.topics = topics;
        this.producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
        this.answers = AnswerThread.start(kafka, topics, waiting);
    }

    /** Requests the given number of videos at once, and returns when all are answered. */
    public void warmUp(int videos) throws Exception {
        var unused = backlog(videos);
    }

    /** Returns the videos per second, by the broker's append times, while prompts are always waiting. */
    public double rate(int videos) throws Exception {
        return Rate.steady(backlog(videos));
    }

    private long[] backlog(int videos) throws Exception {
        CompletableFuture<?>[] answered =
                IntStream.range(0, videos).mapToObj(this::publish).toArray(CompletableFuture<?>[]::new);
        long[] nanos = new long[videos];
        for (int i = 0; i < videos; i++) {
            nanos[i] =
                    TimeUnit.MILLISECONDS.toNanos((Long) answered[i].get(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        }
        return nanos;
    }

    /**
     * Publishes prompts at the given times.
     *
     * @return the time from when each prompt was due until its committed video was read, in nanoseconds
     */
    public long[] latencies(long[] arrivals) throws Exception {
        return OpenLoop.latencies(arrivals, this::publish);
    }

    /** Publishes a prompt. The future completes when the video is read, with its append time in milliseconds. */
    private CompletableFuture<Long> publish(int index) {
        String id = "clip-" + published++;
        CompletableFuture<Long> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        var unused = producer.send(
                new ProducerRecord<>(
                        topics.prompts(),
                        id.getBytes(StandardCharsets.UTF_8),
                        PromptCodec.encode(Clips.request(id, index))),
                (metadata, fault) -> {
                    if (fault != null) {
                        answer.completeExceptionally(fault);
                    }
                });
        return answer;
    }

    @Override
    public void close() throws InterruptedException {
        cluster.cancel(job);
        producer.close();
        answers.close();
        topics.delete(kafka);
    }
}
