package io.zoetrope.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.bench.job.ThreadTimes.Use;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadTimesTest {
    @Test
    void aThreadsTimeCountsForItsPurposeOnly() throws Exception {
        ExecutorService lane = Executors.newSingleThreadExecutor(task -> new Thread(task, "lane-cpu-0"));
        try {
            CompletableFuture.runAsync(() -> {}, lane).get();
            ThreadTimes before = ThreadTimes.now();
            double used =
                    CompletableFuture.supplyAsync(ThreadTimesTest::work, lane).get();
            ThreadTimes after = ThreadTimes.now();

            assertThat(after.since(before, Use.INFERENCE)).isCloseTo(used, within(0.05));
            assertThat(after.since(before, Use.ENCODE)).isZero();
        } finally {
            lane.shutdown();
        }
    }

    @Test
    void everyThreadHasAPurpose() {
        assertThat(Use.of("encode-3")).isEqualTo(Use.ENCODE);
        assertThat(Use.of("data-plane-kafk")).isEqualTo(Use.KAFKA);
        assertThat(Use.of("C2 CompilerThre")).isEqualTo(Use.JVM);
        assertThat(Use.of("Source: prompts")).isEqualTo(Use.FLINK_AND_CLIENT);
    }

    /** Uses at least 300 ms of processor time, and returns the time used in seconds. */
    private static double work() {
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        long used = 0;
        while (used < TimeUnit.MILLISECONDS.toNanos(300)) {
            used = threads.getCurrentThreadCpuTime() - start;
        }
        return used / 1e9;
    }
}
