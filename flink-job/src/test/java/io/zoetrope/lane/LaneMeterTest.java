package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LaneMeterTest {
    private final TestClock clock = new TestClock();
    private final LaneMeter meter = new LaneMeter(clock);

    @Test
    void stageAddsUpItsRuns() {
        run("text", 2, Duration.ofMillis(10), false);
        run("text", 5, Duration.ofMillis(20), false);
        run("text", 9, Duration.ofMillis(30), true);
        run("decode", 1, Duration.ofMillis(40), false);

        assertThat(meter.stages()).containsOnlyKeys("text", "decode");
        StageMeter text = Objects.requireNonNull(meter.stages().get("text"));
        assertThat(text.batches()).isEqualTo(3);
        assertThat(text.failedBatches()).isEqualTo(1);
        assertThat(text.requests()).isEqualTo(7);
        assertThat(text.largestBatch()).isEqualTo(9);
        assertThat(text.ran()).isEqualTo(Duration.ofMillis(60));
        assertThat(text.queued()).isEqualTo(Duration.ofMillis(7));
        assertThat(meter.busy()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void runThatGoesOnCountsAsBusy() {
        meter.starts("lane", clock.nanoTime());
        clock.advance(Duration.ofSeconds(3));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));
        assertThat(meter.busyRatio()).isEqualTo(1);
    }

    @Test
    void busyTimeNeverShrinksThoughARunEndedBeforeItWasRead() {
        meter.starts("lane", clock.nanoTime());
        clock.advance(Duration.ofSeconds(2));
        long end = clock.nanoTime();
        clock.advance(Duration.ofSeconds(1));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));
        meter.ran(new LaneRun("lane", "text", "a", 1, 0, end, Duration.ZERO, false));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));

        run("text", 1, Duration.ofSeconds(4), false);
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void runThatEndsWhileItIsReadCountsOnce() {
        LaneMeter[] read = new LaneMeter[1];
        LaneClock ending = new TestClock() {
            @Override
            public long nanoTime() {
                if (read[0] != null && read[0].stages().isEmpty()) {
                    read[0].ran(new LaneRun("lane", "text", "a", 1, 0, 2, Duration.ZERO, false));
                }
                return 2;
            }
        };
        LaneMeter late = new LaneMeter(ending);
        late.starts("lane", 0);
        read[0] = late;

        assertThat(late.busy()).isEqualTo(Duration.ofNanos(2));
        assertThat(late.busy()).isEqualTo(Duration.ofNanos(2));
    }

    @Test
    void busyRatioIsOfTheLastSecondsAlone() {
        run("text", 1, Duration.ofSeconds(10), false);
        assertThat(meter.busyRatio()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(10));
        assertThat(meter.busyRatio()).isZero();
        run("text", 1, Duration.ofSeconds(5), false);
        clock.advance(Duration.ofSeconds(5));
        assertThat(meter.busyRatio()).isEqualTo(0.5);
    }

    @Test
    void tablesAreKept() {
        BatchTable table = BatchTable.of(
                "text", "a", List.of(new BatchTable.Row(1, Duration.ofMillis(1))), Duration.ofSeconds(1), "the cap");
        LaneObserver.all(LaneObserver.NONE, meter).measured("lane", table);
        assertThat(meter.tables()).containsExactly(table);
    }

    private void run(String stage, int batch, Duration took, boolean failed) {
        LaneObserver all = LaneObserver.all(LaneObserver.NONE, meter);
        long start = clock.nanoTime();
        all.starts("lane", start);
        clock.advance(took);
        all.ran(new LaneRun("lane", stage, "a", batch, start, clock.nanoTime(), Duration.ofMillis(batch), failed));
    }
}
