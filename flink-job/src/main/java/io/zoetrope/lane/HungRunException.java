package io.zoetrope.lane;

import java.time.Duration;

/** A run that its lane's {@link Watchdog} ended, because it took longer than its limit. */
public final class HungRunException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String stage;
    private final Duration limit;

    HungRunException(String stage, Duration limit, Throwable cause) {
        super(stage + ": the run did not end within " + limit.toMillis() + " ms, so the watchdog ended it", cause);
        this.stage = stage;
        this.limit = limit;
    }

    /** Returns the name of the stage. */
    public String stage() {
        return stage;
    }

    /** Returns the limit of the run. */
    public Duration limit() {
        return limit;
    }
}
