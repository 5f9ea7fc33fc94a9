package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A watchdog without a thread, for tests in other packages: a hanging call of a test ticks the clock. */
public final class WatchdogByHand {
    public final TestClock clock = new TestClock();
    /** The reasons for which the process would have ended. */
    public final List<String> ends = Collections.synchronizedList(new ArrayList<>());

    public final Watchdog watchdog;

    public WatchdogByHand(RunLimits limits) {
        watchdog = Watchdog.byHand(limits, clock, ends::add);
    }

    /** Advances the time to the next check, and checks. */
    public void tick() {
        clock.advance(watchdog.tick());
        watchdog.check();
    }

    /** Ticks for a duration. */
    public void take(Duration duration) {
        for (Duration left = duration; left.compareTo(Duration.ZERO) > 0; left = left.minus(watchdog.tick())) {
            tick();
        }
    }
}
