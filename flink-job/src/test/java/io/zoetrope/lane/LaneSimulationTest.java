package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs random simulations in virtual time. A failing seed fails every time: {@code -Dlane.seed} runs it alone. */
class LaneSimulationTest {
    private static final int SEEDS = 10_000;
    private static final int ALL_SEEDS = 100_000;

    @Test
    void promisesAreKeptWhateverHappens() {
        Long replayed = Long.getLong("lane.seed");
        LongStream seeds = replayed == null ? LongStream.range(0, SEEDS) : LongStream.of(replayed);
        seeds.parallel().forEach(LaneSimulationTest::check);
    }

    @Test
    @Tag("slow")
    void promisesAreKeptInAHundredThousandSimulations() {
        LongStream.range(SEEDS, ALL_SEEDS).parallel().forEach(LaneSimulationTest::check);
    }

    private static void check(long seed) {
        List<String> broken = new LaneSimulation(seed).run();
        if (!broken.isEmpty()) {
            assertThat(broken).as(replay(seed)).isEmpty();
        }
    }

    static String replay(long seed) {
        return "seed " + seed + "; replay it with: ./mvnw -pl flink-job -am test -Dtest=LaneSimulationTest -Dlane.seed="
                + seed;
    }
}
