package io.zoetrope.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names under which Flink's reporter for Prometheus publishes the job's metrics: those of the table in
 * docs/metrics.md, which {@code MetricsTest} compares with the metrics that the job registers.
 */
final class MetricNames {
    private static final String OURS = "flink_taskmanager_job_task_operator_zoetrope_";
    /** Flink's own metrics that dashboards and alerts may use. Its documentation lists them. */
    private static final Set<String> OF_FLINK = Set.of(
            "flink_jobmanager_job_numRestarts",
            "flink_jobmanager_job_lastCheckpointDuration",
            "flink_jobmanager_job_lastCompletedCheckpointId");

    private static final Pattern NAME = Pattern.compile("flink_\\w+");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (\\w+) \\|.*");
    private static final Pattern LABEL = Pattern.compile("<\\w+>\\.");

    private final Set<String> known = new TreeSet<>(OF_FLINK);

    private MetricNames() {}

    static MetricNames documented() throws IOException {
        MetricNames names = new MetricNames();
        for (String line : Files.readAllLines(Repository.file("docs/metrics.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String name = OURS + LABEL.matcher(row.group(1)).replaceAll("").replace('.', '_');
                names.add(name, row.group(2));
                names.add(name.replace(OURS, OURS + "model_"), row.group(2)); // of each of several models
            }
        }
        return names;
    }

    private void add(String name, String type) {
        known.add(name);
        if (type.equals("histogram")) {
            known.add(name + "_count");
        }
    }

    /** Returns the metrics that a text names and that do not exist. */
    List<String> unknownIn(String text) {
        return NAME.matcher(text)
                .results()
                .map(match -> match.group())
                .filter(name -> !known.contains(name))
                .distinct()
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** Returns the number of this job's metrics. */
    int size() {
        return known.size() - OF_FLINK.size();
    }
}
