package io.zoetrope.bench.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void sidesAreMeasuredInTurn() throws Exception {
        List<String> order = new ArrayList<>();
        Turns.take(2, () -> record(order, "A"), () -> record(order, "B"));
        assertThat(order).containsExactly("A", "B", "A", "B");
    }

    @Test
    void ratioIsTakenRoundByRound() throws Exception {
        double[] speed = {1};
        // Twice as fast in every round, on a machine whose speed doubles from round to round.
        Turns turns = Turns.take(5, () -> speed[0] *= 2, () -> speed[0] / 2);
        assertThat(turns.ratio(0, 1)).isEqualTo(new Summary(2, 2, 2, 5));
        assertThat(turns.side(1).median()).isEqualTo(4);
    }

    private static double record(List<String> order, String side) {
        order.add(side);
        return 1;
    }
}
