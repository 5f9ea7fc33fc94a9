package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionGraphTestUtils;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** Records the metrics that an operator registers in the job's metric group. */
final class RecordedMetrics {
    private final Map<List<String>, Metric> metrics =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));

    /** Returns the environment to create a test harness with. */
    MockEnvironment environment() {
        TestingMetricRegistry registry =
                TestingMetricRegistry.builder().setRegisterConsumer(this::add).build();
        TaskMetricGroup task = TaskManagerMetricGroup.createTaskManagerMetricGroup(
                        registry, "host", ResourceID.generate())
                .addJob(new JobID(), "job")
                .addTask(ExecutionGraphTestUtils.createExecutionAttemptId(), "task");
        return new MockEnvironmentBuilder()
                .setMetricGroup(task)
                .setParallelism(1)
                .setMaxParallelism(128)
                .build();
    }

    private void add(Metric metric, String name, MetricGroup group) {
        List<String> scope = Arrays.asList(group.getScopeComponents());
        int start = scope.indexOf("zoetrope");
        if (start >= 0) {
            List<String> path = new ArrayList<>(scope.subList(start + 1, scope.size()));
            path.add(name);
            if (metrics.put(List.copyOf(path), metric) != null) {
                throw new AssertionError(path + " was registered twice");
            }
        }
    }

    long count(String... path) {
        return ((Counter) get(path)).getCount();
    }

    Object gauge(String... path) {
        return ((Gauge<?>) get(path)).getValue();
    }

    Histogram histogram(String... path) {
        return (Histogram) get(path);
    }

    boolean has(String... path) {
        return metrics.containsKey(List.of(path));
    }

    private Metric get(String... path) {
        Metric metric = metrics.get(List.of(path));
        if (metric == null) {
            throw new AssertionError(List.of(path) + " is not registered; " + metrics.keySet() + " are");
        }
        return metric;
    }

    /**
     * Returns the type of each metric by its name. The device, stage, bucket and code in a name are replaced by
     * variables.
     */
    Map<String, String> types() {
        return metrics.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> withVariables(entry.getKey()),
                        entry -> type(entry.getValue()),
                        (a, b) -> a,
                        TreeMap::new));
    }

    /** Replaces the values in a name by variables. Below the job's group, each key is followed by its value. */
    private static String withVariables(List<String> path) {
        return IntStream.range(0, path.size())
                .mapToObj(i -> i % 2 == 1 ? "<" + path.get(i - 1) + ">" : path.get(i))
                .collect(Collectors.joining("."));
    }

    private static String type(Metric metric) {
        if (metric instanceof Counter) {
            return "counter";
        } else if (metric instanceof Gauge) {
            return "gauge";
        } else if (metric instanceof Meter) {
            return "meter";
        }
        return metric instanceof Histogram ? "histogram" : metric.getClass().getName();
    }
}
