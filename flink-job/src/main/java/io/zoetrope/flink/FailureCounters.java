package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counts one subtask's failures, by code. Used by the task's thread only. */
final class FailureCounters {
    private final Map<FailureCode, Counter> counters = new EnumMap<>(FailureCode.class);

    /**
     * Registers a counter for each code, at zero. A counter that appears with its first failure would hide it from a
     * rate.
     */
    FailureCounters(MetricGroup group) {
        for (FailureCode code : FailureCode.values()) {
            counters.put(code, group.addGroup("code", code.name()).counter("failures"));
        }
    }

    void count(FailureCode code) {
        Objects.requireNonNull(counters.get(code)).inc();
    }
}
