package io.zoetrope.cli;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Prints progress messages, each with the seconds since the command started. */
final class Progress {
    /** The start of the launcher, in milliseconds since 1970. The launcher sets it. */
    private static final String STARTED_PROPERTY = "zoetrope.started";

    private final PrintWriter out;
    private final InstantSource clock;
    private final Instant start;

    Progress(PrintWriter out, InstantSource clock, Instant start) {
        this.out = out;
        this.clock = clock;
        this.start = start;
    }

    /** Counts from the start of the launcher, a build included; without a launcher, from the start of this process. */
    static Progress sinceLaunch(PrintWriter out) {
        long launch = Long.getLong(
                STARTED_PROPERTY, ManagementFactory.getRuntimeMXBean().getStartTime());
        return new Progress(out, InstantSource.system(), Instant.ofEpochMilli(launch));
    }

    /** Returns the time since the command started. */
    Duration elapsed() {
        return Duration.between(start, clock.instant());
    }

    /** Prints one line: the elapsed seconds, then the message. Several threads may call it. */
    synchronized void print(String message) {
        out.printf("%6.1f s  %s%n", seconds(elapsed()), ConsoleText.line(message));
        out.flush();
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
