package io.zoetrope.chaos.fault;

/**
 * A fault that was caused.
 *
 * @param sinceMillis the time from which the recovery counts: the kill, or the end of a fault that lasts by design
 * @param detail the details, for example the process that was killed
 */
public record Strike(long sinceMillis, String detail) {
    static Strike now(String detail) {
        return new Strike(System.currentTimeMillis(), detail);
    }
}
