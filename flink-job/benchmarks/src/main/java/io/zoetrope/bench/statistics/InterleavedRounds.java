package io.zoetrope.bench.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * The measurements of several sides in interleaved rounds, A B C A B C: if the machine becomes slower, it becomes
 * slower for all sides.
 *
 * @param values the measured values by side, then by round
 */
public record InterleavedRounds(List<double[]> values) {
    /** One side of a comparison. */
    @FunctionalInterface
    public interface Side {
        /**
         * Measures one round of this side.
         *
         * @throws Exception if the measurement fails; the exception ends all rounds
         */
        double measure() throws Exception;
    }

    /**
     * Measures the sides in turn.
     *
     * @throws Exception if a side throws it
     */
    public static InterleavedRounds measure(int rounds, Side... sides) throws Exception {
        List<double[]> values = new ArrayList<>();
        for (int i = 0; i < sides.length; i++) {
            values.add(new double[rounds]);
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < sides.length; i++) {
                values.get(i)[round] = sides[i].measure();
            }
        }
        return new InterleavedRounds(values);
    }

    /** Returns the summary of one side's values. */
    public Summary side(int side) {
        return Summary.of(values.get(side));
    }

    /** Returns the summary of the ratios of one side to another, taken round by round. */
    public Summary ratio(int side, int over) {
        double[] ratios = new double[values.get(side).length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = values.get(side)[round] / values.get(over)[round];
        }
        return Summary.of(ratios);
    }
}
