package io.zoetrope.bench.job;

import io.zoetrope.bench.device.Clips;
import io.zoetrope.bench.device.OpenLoop;
import io.zoetrope.bench.statistics.Rate;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A job that runs, and a client on either side of it: prompts in, committed videos out. */
public final class RunningJob implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 180;

    private final LocalCluster cluster;
    private final LocalCluster.Job job;
    private final String prompts;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AnswerThread answers;
    private final Map<String, CompletableFuture<Long>> waiting = new ConcurrentHashMap<>();
    private int asked;

    RunningJob(LocalCluster cluster, LocalCluster.Job job, String broker, JobTopics topics) {
        this.cluster = cluster;
        this.job = job;
        this.prompts = topics.prompts();
        this.producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.answers = AnswerThread.start(broker, topics, waiting);
    }

    /** Asks for so many videos at once; returns when all are there. */
    public void warmUp(int videos) throws Exception {
        var unused = backlog(videos);
    }

    /** Videos a second while there is always a prompt waiting; by when the broker took them. */
    public double rate(int videos) throws Exception {
        return Rate.steady(backlog(videos));
    }

    private long[] backlog(int videos) throws Exception {
        CompletableFuture<?>[] answered =
                IntStream.range(0, videos).mapToObj(this::ask).toArray(CompletableFuture<?>[]::new);
        long[] nanos = new long[videos];
        for (int i = 0; i < videos; i++) {
            nanos[i] = TimeUnit.MILLISECONDS.toNanos((Long) answered[i].get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        return nanos;
    }

    /**
     * Sends prompts at their times.
     *
     * @return from when each prompt was due to when its video was read, committed; in nanoseconds
     */
    public long[] latencies(long[] arrivals) throws Exception {
        return OpenLoop.latencies(arrivals, this::ask);
    }

    /** Publishes a prompt; complete with the broker's time of its video, in milliseconds, when that is read. */
    private CompletableFuture<Long> ask(int index) {
        String id = "clip-" + asked++;
        CompletableFuture<Long> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        var unused = producer.send(
                new ProducerRecord<>(
                        prompts, id.getBytes(StandardCharsets.UTF_8), PromptCodec.encode(Clips.request(id, index))),
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
    }
}
