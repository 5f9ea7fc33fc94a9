package io.zoetrope.chaos.process;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions outside this process. */
public final class Poll {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private Poll() {}

    /**
     * Waits until a condition holds. An exception counts as a condition that does not hold yet.
     *
     * @param what the condition in words, for the error
     * @throws IllegalStateException if the condition does not hold in time
     */
    public static void until(String what, Duration limit, Callable<Boolean> condition) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            Thread.sleep(INTERVAL.toMillis());
        }
        throw new IllegalStateException("waited " + limit.toSeconds() + " s, but it did not happen that " + what, last);
    }
}
