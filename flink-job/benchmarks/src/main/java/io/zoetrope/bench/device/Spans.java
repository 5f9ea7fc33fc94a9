package io.zoetrope.bench.device;

import io.zoetrope.bench.report.Plot;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** Records which work ran at which time on which thread. */
public final class Spans {
    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();

    /**
     * A stretch of work on a thread.
     *
     * @param thread the thread's name
     * @param kind the kind of work
     * @param start the start, by {@link System#nanoTime}
     * @param end the end, by {@link System#nanoTime}
     */
    public record Span(String thread, String kind, long start, long end) {}

    /** Runs the work and records its span. */
    public <T> T during(String kind, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            spans.add(new Span(Thread.currentThread().getName(), kind, start, System.nanoTime()));
        }
    }

    /** Returns the spans that overlap with an interval. */
    public List<Span> between(long start, long end) {
        return spans.stream()
                .filter(span -> span.end() > start && span.start() < end)
                .toList();
    }

    /** Returns the spans of an interval for a plot: in milliseconds from {@code start}, cut at both ends. */
    public List<Plot.Span> drawn(long start, long end) {
        return between(start, end).stream()
                .map(span -> new Plot.Span(
                        span.thread(),
                        span.kind(),
                        Math.max(0, (span.start() - start) / 1e6),
                        Math.min((end - start) / 1e6, (span.end() - start) / 1e6)))
                .toList();
    }
}
