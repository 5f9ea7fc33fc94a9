package io.zoetrope.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RateTest {
    private static final long MILLI = 1_000_000;

    @Test
    void evenlySpacedTimesGiveTheirRate() {
        long[] times = LongStream.range(0, 100).map(i -> 10 * MILLI * i).toArray();
        assertThat(Rate.steady(times)).isCloseTo(100, within(1e-6));
    }

    @Test
    void burstsAndSlowEndsHaveLittleEffect() {
        // Batches of 8 every 80 ms, after a start of 2 s.
        long[] times = LongStream.range(0, 400)
                .map(i -> i < 8 ? 0 : (2000 + i / 8 * 80) * MILLI)
                .toArray();
        assertThat(Rate.steady(times)).isCloseTo(100, within(0.5));
    }
}
