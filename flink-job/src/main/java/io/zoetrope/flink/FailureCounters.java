package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counts the failures that one subtask answers with; for the task's thread alone. */
final class FailureCounters {
    private final Map<FailureCode, Counter> counters = new EnumMap<>(FailureCode.class);

    /** Registers a counter for each code, at zero: a rate over a counter that is yet to appear misses its first failure. */
    FailureCounters(MetricGroup group) {
        for (FailureCode code : FailureCode.values()) {
            counters.put(code, group.addGroup("code", code.name()).counter("failures"));
        }
    }

    void count(FailureCode code) {
        Objects.requireNonNull(counters.get(code)).inc();
    }
}
