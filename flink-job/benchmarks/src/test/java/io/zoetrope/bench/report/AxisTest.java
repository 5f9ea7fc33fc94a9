package io.zoetrope.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void ticksAreRound() {
        assertThat(Axis.over(new double[] {0, 1.04}, 0, 100, false).ticks())
                .containsExactly(new double[] {0, 0.2, 0.4, 0.6, 0.8, 1}, within(1e-9));
        assertThat(Axis.over(new double[] {0, 1000}, 0, 100, false).ticks())
                .containsExactly(new double[] {0, 200, 400, 600, 800, 1000}, within(1e-9));
    }

    @Test
    void logarithmicTicksDouble() {
        assertThat(Axis.over(new double[] {1, 64}, 0, 100, true).ticks()).containsExactly(1, 2, 4, 8, 16, 32, 64);
        assertThat(Axis.over(new double[] {1, 64}, 0, 60, true).at(8)).isCloseTo(30, within(1e-9));
    }

    @Test
    void anAxisCanHaveOneValue() {
        assertThat(Axis.over(new double[] {3}, 0, 100, false).at(3)).isZero();
    }
}
