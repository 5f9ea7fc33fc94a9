package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaneMeterTest {
    private final TestClock clock = new TestClock();
    private final LaneMeter meter = new LaneMeter(clock);

    @Test
    void busyTimeIsThatOfAllRunsAlsoOfFailedOnes() {
        run(Duration.ofMillis(10), false);
        run(Duration.ofMillis(20), false);
        run(Duration.ofMillis(30), true);

        assertThat(meter.busy()).isEqualTo(Duration.ofMillis(60));
    }

    @Test
    void runInProgressCountsAsBusy() {
        meter.starts("lane", clock.nanoTime());
        clock.advance(Duration.ofSeconds(3));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));
        assertThat(meter.busyRatio()).isEqualTo(1);
    }

    @Test
    void busyTimeNeverDecreasesIfARunEndedBeforeItWasRead() {
        meter.starts("lane", clock.nanoTime());
        clock.advance(Duration.ofSeconds(2));
        long end = clock.nanoTime();
        clock.advance(Duration.ofSeconds(1));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));
        meter.ran(new LaneRun("lane", "text", "a", 1, 0, end, false));
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(3));

        run(Duration.ofSeconds(4), false);
        assertThat(meter.busy()).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void runThatEndsWhileItIsReadCountsOnce() {
        LaneMeter[] running = new LaneMeter[1];
        LaneClock ending = new TestClock() {
            @Override
            public long nanoTime() {
                if (running[0] != null) {
                    LaneMeter ended = running[0];
                    running[0] = null;
                    ended.ran(new LaneRun("lane", "text", "a", 1, 0, 2, false));
                }
                return 2;
            }
        };
        LaneMeter late = new LaneMeter(ending);
        late.starts("lane", 0);
        running[0] = late;

        assertThat(late.busy()).isEqualTo(Duration.ofNanos(2));
        assertThat(late.busy()).isEqualTo(Duration.ofNanos(2));
    }

    @Test
    void busyRatioCountsOnlyTheLastSeconds() {
        run(Duration.ofSeconds(10), false);
        assertThat(meter.busyRatio()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(10));
        assertThat(meter.busyRatio()).isZero();
        run(Duration.ofSeconds(5), false);
        clock.advance(Duration.ofSeconds(5));
        assertThat(meter.busyRatio()).isEqualTo(0.5);
    }

    @Test
    void tablesAreKept() {
        BatchTable table = BatchTable.of(
                "text", "a", List.of(new BatchTable.Row(1, Duration.ofMillis(1))), Duration.ofSeconds(1), "the cap");
        LaneObserver.all(new LaneObserver() {}, meter).measured("lane", table);
        assertThat(meter.tables()).containsExactly(table);
    }

    private void run(Duration took, boolean failed) {
        LaneObserver all = LaneObserver.all(new LaneObserver() {}, meter);
        long start = clock.nanoTime();
        all.starts("lane", start);
        clock.advance(took);
        all.ran(new LaneRun("lane", "text", "a", 1, start, clock.nanoTime(), failed));
    }
}
