package io.zoetrope.bench;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param quick whether with fewer and shorter rounds, for a first look
 */
public record RunSize(boolean quick) {
    /** Rounds of every ratio. */
    public int rounds() {
        return quick ? 3 : 10;
    }

    /** How long one side of a round runs. */
    public Duration side() {
        return quick ? Duration.ofMillis(1000) : Duration.ofMillis(1500);
    }

    /** How many requests fill {@link #side} at a rate, at least what a rate can be told of. */
    public int requests(double perSecond) {
        return Math.max(pick(20, 30), (int) (perSecond * side().toMillis() / 1000));
    }

    /** One of two, by whether it is quick. */
    public <T> T pick(T ifQuick, T ifFull) {
        return quick ? ifQuick : ifFull;
    }
}
