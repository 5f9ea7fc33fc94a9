package io.zoetrope.tensorrt;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Reports while TensorRT builds an engine: how long it has been building, and the last line of its log. TensorRT logs
 * each kernel that it times, so its lines are the sign that it goes on.
 */
final class BuildProgress implements Consumer<String> {
    static final Duration PAUSE = Duration.ofSeconds(10);

    private final String file;
    private final LongSupplier nanoTime;
    private final Consumer<String> report;
    private final long start;
    private long reported;
    private long lines;

    /**
     * Starts with a build.
     *
     * @param file the graph's file
     * @param nanoTime the clock
     * @param report gets at most one sentence in each {@link #PAUSE}
     */
    BuildProgress(String file, LongSupplier nanoTime, Consumer<String> report) {
        this.file = file;
        this.nanoTime = nanoTime;
        this.report = report;
        start = nanoTime.getAsLong();
        reported = start;
    }

    @Override
    public synchronized void accept(String line) {
        lines++;
        long now = nanoTime.getAsLong();
        if (now - reported >= PAUSE.toNanos()) {
            reported = now;
            report.accept(file + ": TensorRT has been building its engine for "
                    + Duration.ofNanos(now - start).toSeconds() + " s, " + lines
                    + " lines of its log so far, the last: "
                    + line.strip());
        }
    }

    /** Returns how long the build took up to now. */
    Duration took() {
        return Duration.ofNanos(nanoTime.getAsLong() - start);
    }
}
