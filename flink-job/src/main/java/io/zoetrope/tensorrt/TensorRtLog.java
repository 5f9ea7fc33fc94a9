package io.zoetrope.tensorrt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines that TensorRT logs, from any thread. TensorRT has one logger in a process, and its calls report no reason of
 * a failure but these lines, so an error takes those that were logged since its call began.
 */
final class TensorRtLog {
    private static final Logger LOG = LoggerFactory.getLogger(TensorRtLog.class);

    /** The number of errors and warnings that are kept. */
    private static final int MOST_LINES = 50;
    /** The number of lines that an error quotes: the first ones, which name the cause. */
    private static final int MOST_QUOTED = 5;

    /** How severe a line is. */
    enum Severity {
        ERROR,
        WARNING,
        INFO,
        VERBOSE
    }

    private record Line(long number, String text) {}

    private final Deque<Line> lines = new ArrayDeque<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private long next;

    /** Adds a line. Errors and warnings are kept for the errors of calls. */
    void add(Severity severity, String text) {
        switch (severity) {
            case ERROR -> LOG.warn("TensorRT: {}", text);
            case WARNING -> LOG.info("TensorRT: {}", text);
            case INFO, VERBOSE -> LOG.debug("TensorRT: {}", text);
        }
        if (severity == Severity.ERROR || severity == Severity.WARNING) {
            keep(text);
        }
        listeners.forEach(listener -> listener.accept(text));
    }

    private synchronized void keep(String text) {
        lines.addLast(new Line(next++, text));
        if (lines.size() > MOST_LINES) {
            lines.removeFirst();
        }
    }

    /** Returns a mark for {@link #since}. */
    synchronized long mark() {
        return next;
    }

    /** Returns the first errors and warnings since a mark. */
    synchronized List<String> since(long mark) {
        List<String> texts = new ArrayList<>();
        for (Line line : lines) {
            if (line.number() >= mark && texts.size() < MOST_QUOTED) {
                texts.add(line.text());
            }
        }
        return texts;
    }

    /** Runs a task, during which a listener gets each line of every severity, on any thread. */
    void listen(Consumer<String> listener, Runnable task) {
        listeners.add(listener);
        try {
            task.run();
        } finally {
            listeners.remove(listener);
        }
    }
}
