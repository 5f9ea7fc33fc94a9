package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.engine.SleepingEngines;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Shows that a tenant's burst does not delay the single prompts of another one, with a real broker and cluster. */
class FairSharesIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Duration VIDEO = Duration.ofMillis(10);
    /** A pause of a machine under load is longer than a video here, so another round may show that one was in the way. */
    private static final int ROUNDS = 3;

    private static final int BURST = 5000;
    private static final int SINGLES = 10;

    @RegisterExtension
    private static final TestCluster servers = new TestCluster(2);

    private final AnswerAudit audit = new AnswerAudit();
    private TestTopics topics;
    private SleepingEngines engines;
    private TestJob job;
    private KafkaConsumer<byte[], byte[]> answers;
    private int singles;

    @BeforeEach
    void makeTopics(@TempDir Path folder) throws Exception {
        topics = new TestTopics(servers.bootstrapServers());
        engines = new SleepingEngines(topics.prompts, VIDEO, 1);
        job = new TestJob(servers.flink(), topics, folder.resolve("state"));
        answers = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        answers.assign(IntStream.range(0, TestTopics.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topics.videos, partition))
                .toList());
        answers.seekToEnd(List.of());
        answers.assignment().forEach(answers::position);
    }

    @AfterEach
    void close() throws InterruptedException {
        job.close();
        answers.close();
        topics.close();
    }

    @Test
    void singlePromptsOfAnotherTenantPassABurstAlsoAfterARestartWithMoreSlots() throws Exception {
        start();
        latencyOf("b"); // the first answer waits for the job to start
        List<Duration> alone = singles("b");

        burst("a", BURST);
        List<Duration> during = singlesWithin(p99(alone).multipliedBy(2));
        job.cancel();
        assertThat(topics.segments()).as("answers before the restart").hasSizeLessThan(BURST);
        start("--parallelism", "2");
        latencyOf("b");
        List<Duration> after = singlesWithin(p99(alone).multipliedBy(2));
        assertThat(topics.segments())
                .as("answers before the last single prompt")
                .hasSizeLessThan(BURST);
        topics.awaitAnswers(BURST + singles, TIMEOUT);
        job.cancel();

        System.out.printf(
                "p99 alone %s, during the burst %s, after the restart %s%n", p99(alone), p99(during), p99(after));
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(p99(during))
                .as("p99 of %s, alone %s", during, alone)
                .isLessThanOrEqualTo(p99(alone).multipliedBy(2));
        assertThat(p99(after))
                .as("p99 of %s after the restart, alone %s", after, alone)
                .isLessThanOrEqualTo(p99(alone).multipliedBy(2));
    }

    /** The checkpoint interval is short here, so the wait for the device is most of the latency. */
    @Test
    void aSinglePromptOnASlowModelWaitsForTheRunInProgressOnly() throws Exception {
        engines = new SleepingEngines(topics.prompts, VIDEO.multipliedBy(50), 1);
        start("--checkpoint-interval", "100 ms");
        latencyOf("b");
        List<Duration> alone = singles("b");

        burst("a", BURST / 4);
        latencyOf("b");
        List<Duration> during = singlesWithin(p99(alone).multipliedBy(2));
        job.cancel();

        System.out.printf("p99 on a slow model alone %s, during the burst %s%n", p99(alone), p99(during));
        assertThat(p99(during))
                .as("p99 of %s, alone %s", during, alone)
                .isLessThanOrEqualTo(p99(alone).multipliedBy(2));
    }

    @Test
    void aPlantedJobThatDoesNotTellTenantsApartIsCaught() throws Exception {
        start("--tenant-label", "planted");
        latencyOf("b");
        List<Duration> alone = singles("b");

        burst("a", BURST / 4);
        Duration behind = latencyOf("b");
        job.cancel();

        assertThat(behind).isGreaterThan(p99(alone).multipliedBy(2)).isGreaterThan(VIDEO.multipliedBy(BURST / 8));
    }

    private void burst(String tenant, int count) throws Exception {
        List<String> ids =
                IntStream.range(0, count).mapToObj(i -> tenant + "-" + i).toList();
        ids.forEach(audit::expect);
        topics.publishOf(tenant, ids);
    }

    /** Returns the latencies of single prompts, each sent after the answer to the one before. */
    private List<Duration> singles(String tenant) throws Exception {
        List<Duration> latencies = new ArrayList<>();
        for (int i = 0; i < SINGLES; i++) {
            latencies.add(latencyOf(tenant));
        }
        return latencies;
    }

    /** Returns the first round of single prompts whose latencies are within the limit, or else the last round. */
    private List<Duration> singlesWithin(Duration limit) throws Exception {
        List<Duration> latencies = singles("b");
        for (int round = 1; round < ROUNDS && p99(latencies).compareTo(limit) > 0; round++) {
            latencies = singles("b");
        }
        return latencies;
    }

    private static Duration p99(List<Duration> latencies) {
        return Collections.max(latencies);
    }

    /** Publishes a prompt, and returns the time until a reader of committed records sees its answer. */
    private Duration latencyOf(String tenant) throws Exception {
        String id = tenant + "-single-" + singles++;
        audit.expect(id);
        long before = System.nanoTime();
        topics.publishOf(tenant, List.of(id));
        while (System.nanoTime() - before < TIMEOUT.toNanos()) {
            for (var record : answers.poll(Duration.ofMillis(100))) {
                if (new String(record.key(), StandardCharsets.UTF_8).equals(id)) {
                    return Duration.ofNanos(System.nanoTime() - before);
                }
            }
        }
        throw new AssertionError(id + " was not answered within " + TIMEOUT);
    }

    private void start(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--checkpoint-interval", "300 ms"));
        all.addAll(List.of(options));
        job.start(engines, all.toArray(String[]::new));
    }
}
