package io.zoetrope.lane;

/** Ends the process. A parameter, so that tests observe the end instead of dying with it. */
@FunctionalInterface
public interface ProcessEnd {
    /**
     * Ends the process at once, with an exit code other than 0.
     *
     * @param reason the fact, the values and the remedy, for the log
     */
    void end(String reason);
}
