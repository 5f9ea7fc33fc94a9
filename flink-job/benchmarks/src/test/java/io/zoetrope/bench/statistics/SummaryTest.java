package io.zoetrope.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SummaryTest {
    @Test
    void oneRoundIsItsOwnInterval() {
        assertThat(Summary.of(0.97)).isEqualTo(new Summary(0.97, 0.97, 0.97, 1));
    }

    @Test
    void medianOfAnEvenNumberLiesBetween() {
        assertThat(Summary.median(4, 1, 3, 2)).isEqualTo(2.5);
    }

    @Test
    void equalRoundsGiveEqualIntervals() {
        double[] rounds = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(Summary.of(rounds)).isEqualTo(Summary.of(rounds));
    }

    @Test
    void intervalContainsTheTrueMedianNineteenTimesOfTwenty() {
        Random random = new Random(1);
        int trials = 200;
        int held = 0;
        for (int trial = 0; trial < trials; trial++) {
            Summary summary = Summary.of(random.doubles(20, 0, 2).toArray());
            held += summary.low() <= 1 && 1 <= summary.high() ? 1 : 0;
        }
        assertThat((double) held / trials).isCloseTo(0.95, within(0.04));
    }

    @Test
    void anEmptySummaryIsRefused() {
        assertThatThrownBy(Summary::of).hasMessageContaining("at least one round");
    }
}
