package io.zoetrope.bench.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * What several sides measured in turn, A B C A B C: a machine that grows slower does so for all of them.
 *
 * @param values by side, then by round
 */
public record InterleavedRounds(List<double[]> values) {
    /** One side's measurement of one round. */
    @FunctionalInterface
    public interface Side {
        /**
         * Measures once.
         *
         * @throws Exception to end the whole measurement
         */
        double measure() throws Exception;
    }

    /**
     * Lets the sides measure in turn.
     *
     * @throws Exception what a side throws
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

    /** One side's own values. */
    public Summary side(int side) {
        return Summary.of(values.get(side));
    }

    /** One side over another, round by round. */
    public Summary ratio(int side, int over) {
        double[] ratios = new double[values.get(side).length];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = values.get(side)[round] / values.get(over)[round];
        }
        return Summary.of(ratios);
    }
}
