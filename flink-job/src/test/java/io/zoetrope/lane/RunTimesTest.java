package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunTimesTest {
    private final RunTimes times = new RunTimes(8);

    @Test
    void expectedTimeIsZeroBeforeTheFirstRun() {
        assertThat(times.of(3)).isZero();
    }

    @Test
    void sizesThatNeverRanAreEstimatedFromThoseThatDid() {
        times.learn(2, 100);
        times.learn(4, 200);
        assertThat(times.of(1)).isEqualTo(100);
        assertThat(times.of(3)).isEqualTo(150);
        assertThat(times.of(8)).isEqualTo(400);
    }

    @Test
    void expectedTimeFollowsTheDeviceAndForgetsASlowRun() {
        times.learn(1, 100);
        times.learn(1, 500);
        assertThat(times.of(1)).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
            times.learn(1, 100);
        }
        assertThat(times.of(1)).isBetween(100.0, 101.0);
    }

    @Test
    void queueIsDrainedInFullBatchesAndARest() {
        times.learn(1, 50);
        times.learn(4, 100);
        assertThat(times.drain(0, 4)).isZero();
        assertThat(times.drain(9, 4)).isEqualTo(250);
    }
}
