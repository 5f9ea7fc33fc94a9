package io.zoetrope.device;

import java.time.Duration;

/**
 * How many devices serve a rate of arrivals within a wait. Prompts are taken to arrive at random (a Poisson process) and to
 * take equally long, one after the other on each device: a queue M/D/c.
 *
 * <p>The wait of a prompt exceeds t with a probability of about C exp(-2 (c - a) t / s), where s is the time of a prompt, a
 * the arrivals in that time, c the number of devices and C the probability that all are busy (Erlang's C formula, computed
 * from the recursion of his B formula). The factor 2 is that of equal times of service: with exponential ones it is 1 and
 * the formula exact.
 *
 * @param devices the number of devices
 * @param busy the share of their time for which they are busy
 */
public record DevicesNeeded(int devices, double busy) {
    /** The share of prompts that may wait longer. */
    public static final double LATE = 0.01;

    private static final int DETERMINISTIC = 2;

    /**
     * Returns the least number of devices with which 99 of 100 prompts wait no longer than a given time.
     *
     * @param perSecond the arrivals per second
     * @param cost the time of one device for each prompt
     * @param wait the longest wait
     * @throws IllegalArgumentException if the rate or the time is not positive, or the wait is negative
     */
    public static DevicesNeeded of(double perSecond, Duration cost, Duration wait) {
        double seconds = cost.toNanos() / 1e9;
        if (!(perSecond > 0) || seconds <= 0 || wait.isNegative()) {
            throw new IllegalArgumentException("devices: expected a rate and a time above 0 and a wait, got "
                    + perSecond + " per second, " + cost + " and " + wait);
        }
        double load = perSecond * seconds;
        double limit = wait.toNanos() / 1e9;
        double erlangB = 1;
        for (int devices = 1; ; devices++) {
            erlangB = load * erlangB / (devices + load * erlangB);
            if (devices > load) {
                double allBusy = erlangB / (1 - load / devices * (1 - erlangB));
                double late = allBusy * Math.exp(-DETERMINISTIC * (devices - load) * limit / seconds);
                if (late <= LATE) {
                    return new DevicesNeeded(devices, load / devices);
                }
            }
        }
    }
}
