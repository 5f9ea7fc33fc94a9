package io.zoetrope.bench;

import java.time.Duration;

/**
 * The number and the length of the rounds.
 *
 * @param quick whether to run fewer and shorter rounds, for a first look
 */
public record RunSize(boolean quick) {
    /** Returns the number of rounds of every ratio. */
    public int rounds() {
        return quick ? 3 : 10;
    }

    /** Returns how long one side of a round runs. */
    public Duration side() {
        return quick ? Duration.ofMillis(1000) : Duration.ofMillis(1500);
    }

    /** Returns how many requests fill {@link #side} at a rate, but at least as many as the rate's estimate needs. */
    public int requests(double perSecond) {
        return Math.max(pick(20, 30), (int) (perSecond * side().toMillis() / 1000));
    }

    /** Returns the first value in a quick run, else the second. */
    public <T> T pick(T ifQuick, T ifFull) {
        return quick ? ifQuick : ifFull;
    }
}
