package io.zoetrope.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterleavedRoundsTest {
    @Test
    void sidesAreMeasuredInTurn() throws Exception {
        List<String> order = new ArrayList<>();
        InterleavedRounds.measure(2, () -> record(order, "A"), () -> record(order, "B"));
        assertThat(order).containsExactly("A", "B", "A", "B");
    }

    @Test
    void ratioIsTakenRoundByRound() throws Exception {
        double[] speed = {1};
        // Twice as fast in every round, on a machine whose speed doubles from round to round.
        InterleavedRounds results = InterleavedRounds.measure(5, () -> speed[0] *= 2, () -> speed[0] / 2);
        assertThat(results.ratio(0, 1)).isEqualTo(new Summary(2, 2, 2, 5));
        assertThat(results.side(1).median()).isEqualTo(4);
    }

    private static double record(List<String> order, String side) {
        order.add(side);
        return 1;
    }
}
