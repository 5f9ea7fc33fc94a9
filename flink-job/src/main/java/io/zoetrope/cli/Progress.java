package io.zoetrope.cli;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Tells somebody who waits what has been done, and how many seconds after the command. */
final class Progress {
    /** Set by the launcher, in milliseconds since 1970. */
    private static final String STARTED_PROPERTY = "zoetrope.started";

    private final PrintWriter out;
    private final InstantSource clock;
    private final Instant start;

    Progress(PrintWriter out, InstantSource clock, Instant start) {
        this.out = out;
        this.clock = clock;
        this.start = start;
    }

    /** Counts from when the launcher was called, a build included, or else from the start of this process. */
    static Progress sinceLaunch(PrintWriter out) {
        long launch = Long.getLong(
                STARTED_PROPERTY, ManagementFactory.getRuntimeMXBean().getStartTime());
        return new Progress(out, InstantSource.system(), Instant.ofEpochMilli(launch));
    }

    /** The time since the command was given. */
    Duration elapsed() {
        return Duration.between(start, clock.instant());
    }

    /** One line, led by the elapsed seconds. Several threads may tell at once. */
    synchronized void tell(String what) {
        out.printf("%6.1f s  %s%n", seconds(elapsed()), what);
        out.flush();
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
