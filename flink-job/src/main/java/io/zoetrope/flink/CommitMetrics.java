package io.zoetrope.flink;

import java.util.List;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/** The metrics of one subtask's answers on their way from the operators to committed records. */
final class CommitMetrics {
    private final LongSupplier clock;
    private final Histogram age;
    private final Counter sentAgain;
    /** The answers of the restored checkpoint for which it is not known yet whether they are committed. */
    private volatile int unknown;

    /**
     * Registers the metrics.
     *
     * @param clock gives the time, in milliseconds since 1970, on any thread
     */
    CommitMetrics(MetricGroup group, UncommittedAnswers uncommitted, LongSupplier clock) {
        this.clock = clock;
        age = JobMetrics.histogram(group, "answerAgeMs");
        sentAgain = group.counter("answersSentAgain");
        group.gauge("uncommittedAnswers", (Gauge<Integer>) () -> uncommitted.size() + unknown);
        group.gauge("oldestUncommittedMs", (Gauge<Long>) () -> Math.max(0, clock.getAsLong() - uncommitted.since()));
    }

    /** Adds the ages of answers that were committed now. */
    void committed(List<KeptAnswer> answers) {
        long now = clock.getAsLong();
        answers.forEach(answer -> age.update(now - answer.acceptedAt()));
    }

    /** Sets the number of restored answers for which it is not known whether they are committed. */
    void unknown(int answers) {
        unknown = answers;
    }

    void sentAgain(int answers) {
        sentAgain.inc(answers);
    }
}
