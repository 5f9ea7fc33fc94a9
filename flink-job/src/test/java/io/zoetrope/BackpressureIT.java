package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.engine.FakeModelEngines;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.wire.PromptCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests backpressure of the job in a real cluster with a real engine. The source always has records. First the engine
 * is slow, then the sink.
 */
@Timeout(180)
class BackpressureIT {
    private static final int CAPACITY = 8;
    private static final int WAITING = 4;
    private static final int PROMPTS = 1500;
    private static final int RECORD_BYTES = 64 << 10;
    /**
     * The maximum number of records between two tasks: each of the two connections has about twenty buffers of 32 KiB,
     * and a record fills two buffers; the bound is twice that.
     */
    private static final int IN_NETWORK = 40;

    private static final AtomicInteger READ = new AtomicInteger();
    private static final String PADDING = "x".repeat(RECORD_BYTES);

    @Test
    void theSourceStopsAndMemoryStaysFlatForAnyNumberOfWaitingPrompts(@TempDir Path folder) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(1, folder, 0)) {
            LocalCluster.Job job = start(cluster);
            assertThat(readUntilItStops())
                    .as("records read while no video is encoded")
                    .isLessThanOrEqualTo(CAPACITY + WAITING + IN_NETWORK);
            FakeModelEngines.MAY_ENCODE.countDown();
            assertThat(readUntilItStops())
                    .as("records read while the sink accepts none")
                    .isLessThanOrEqualTo(CAPACITY + WAITING + IN_NETWORK);

            Set<String> accepted = new HashSet<>();
            long maxBytes = 0;
            for (int i = 1; i <= PROMPTS; i++) {
                accepted.add(SlowSink.acceptOne());
                assertThat(READ.get() - i)
                        .as("records read but not accepted")
                        .isLessThanOrEqualTo(CAPACITY + WAITING + IN_NETWORK);
                maxBytes = Math.max(maxBytes, FakeModelEngines.MODEL.outstandingBytes());
            }

            assertThat(accepted).hasSize(PROMPTS);
            assertThat(maxBytes).isLessThanOrEqualTo(CAPACITY * FakeModel.MOST_REQUEST_BYTES);
            assertThat(job.result().get().isSuccess()).isTrue();
            assertThat(FakeModelEngines.MODEL.outstanding()).isZero();
        }
    }

    private static int readUntilItStops() {
        AtomicInteger before = new AtomicInteger(-1);
        await().atMost(Duration.ofSeconds(60)).during(Duration.ofSeconds(2)).until(() -> {
            int read = READ.get();
            return read > 0 && before.getAndSet(read) == read;
        });
        return READ.get();
    }

    private static LocalCluster.Job start(LocalCluster cluster) throws InterruptedException {
        StreamExecutionEnvironment env = cluster.environment();
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("bootstrap-servers", "none:1", "the test"),
                        new Setting("waiting-prompts", "" + WAITING, "the test")),
                Optional.empty(),
                List.of());
        env.setParallelism(1);
        DataStream<KafkaEvent> events = env.fromSource(
                        new NumberSequenceSource(1, PROMPTS), WatermarkStrategy.noWatermarks(), "numbers")
                .map(BackpressureIT::event);
        VideoPipeline.answers(events, config, EngineSet.of(new FakeModelEngines("slow sink", CAPACITY, RECORD_BYTES)))
                .sinkTo(new SlowSink());
        return cluster.run(env, "slow sink");
    }

    private static KafkaEvent event(long number) {
        READ.incrementAndGet();
        String id = "request-" + number;
        PromptRequest request =
                new RequestBuilder(id, "a red circle").label("padding", PADDING).build();
        return new KafkaEvent("prompts", 0, number, TestTopics.key(id), PromptCodec.encode(request), List.of(), null);
    }
}
