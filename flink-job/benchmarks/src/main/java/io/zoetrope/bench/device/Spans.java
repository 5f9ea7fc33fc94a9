package io.zoetrope.bench.device;

import io.zoetrope.bench.report.Plot;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** Remembers what ran when, and on which thread. */
public final class Spans {
    private final Queue<Span> spans = new ConcurrentLinkedQueue<>();

    /**
     * Something that ran.
     *
     * @param thread its name
     * @param kind of work
     * @param start by {@link System#nanoTime}
     * @param end as that
     */
    public record Span(String thread, String kind, long start, long end) {}

    /** Does something and remembers it. */
    public <T> T during(String kind, Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            spans.add(new Span(Thread.currentThread().getName(), kind, start, System.nanoTime()));
        }
    }

    /** Those that touch a stretch of time. */
    public List<Span> between(long start, long end) {
        return spans.stream()
                .filter(span -> span.end() > start && span.start() < end)
                .toList();
    }

    /** As drawn from {@code start} to {@code end}. */
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
