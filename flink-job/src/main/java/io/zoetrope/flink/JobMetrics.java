package io.zoetrope.flink;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Creates the job's own metrics. docs/metrics.md lists all of them. */
final class JobMetrics {
    /** The number of values that a histogram keeps: the latest ones. */
    private static final int WINDOW = 1000;

    private JobMetrics() {}

    /** Returns the job's metric group within the group of an operator. */
    static MetricGroup of(RuntimeContext operator) {
        return of(operator.getMetricGroup());
    }

    /** Returns the job's metric group within the given group of an operator. */
    static MetricGroup of(MetricGroup operator) {
        return operator.addGroup("zoetrope");
    }

    /** Returns the group of the metrics of one model within the job's group, for a job that serves several models. */
    static MetricGroup of(MetricGroup job, String model) {
        return job.addGroup("model", model);
    }

    /** Registers a histogram in a group, and returns it. */
    static Histogram histogram(MetricGroup group, String name) {
        return group.histogram(name, new DescriptiveStatisticsHistogram(WINDOW));
    }
}
