package io.zoetrope.flink;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Where the job's own metrics stand; docs/metrics.md lists them all. */
final class JobMetrics {
    /** Values that a histogram speaks of: the last so many. */
    private static final int WINDOW = 1000;

    private JobMetrics() {}

    /** The job's group within an operator's. */
    static MetricGroup of(RuntimeContext operator) {
        return operator.getMetricGroup().addGroup("zoetrope");
    }

    /** A new histogram of the group. */
    static Histogram histogram(MetricGroup group, String name) {
        return group.histogram(name, new DescriptiveStatisticsHistogram(WINDOW));
    }
}
