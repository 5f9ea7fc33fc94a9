package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the dashboard and the alert rules: every metric exists, and each rule fires on its fault and only then. */
class MonitoringTest {
    private static final Path ALERTS = Repository.file("docs/alerts.yaml");
    private static final Path ALERTS_TEST = Repository.file("flink-job/src/test/prometheus/alerts-test.yaml");

    @TempDir
    private Path folder;

    @Test
    void everyMetricOfTheDashboardExists() throws Exception {
        String dashboard = read("docker/grafana/dashboards/zoetrope.json");

        assertThat(expressions(dashboard)).hasSizeGreaterThan(20);
        assertThat(MetricNames.documented().unknownIn(dashboard)).isEmpty();
    }

    @Test
    void everyMetricOfTheAlertsExists() throws Exception {
        assertThat(MetricNames.documented().unknownIn(read("docs/alerts.yaml"))).isEmpty();
    }

    @Test
    void aPlantedMetricThatDoesNotExistIsCaught() throws Exception {
        MetricNames names = MetricNames.documented();

        assertThat(names.size()).isGreaterThan(25);
        assertThat(names.unknownIn("rate(flink_taskmanager_job_task_operator_zoetrope_pictures[1m])"))
                .containsExactly("flink_taskmanager_job_task_operator_zoetrope_pictures");
    }

    @Test
    void everyAlertHasARowInTheRunbookAndATest() throws Exception {
        var alerts = new TreeSet<String>();
        new YAMLMapper().readTree(ALERTS.toFile()).at("/groups/0/rules").forEach(rule -> alerts.add(name(rule)));

        String runbook = read("docs/operations.md");
        assertThat(alerts).hasSizeGreaterThan(5).allMatch(alert -> runbook.contains("| `" + alert + "` |"));
        var tested = new TreeSet<String>();
        new YAMLMapper()
                .readTree(ALERTS_TEST.toFile())
                .findValuesAsText("alertname")
                .forEach(tested::add);
        assertThat(tested).isEqualTo(alerts);
    }

    @Test
    void eachAlertFiresOnItsFaultAndOnlyThen() {
        promtool(ALERTS_TEST).succeeded();
    }

    @Test
    void aPlantedThresholdThatIsNeverReachedIsCaught() throws Exception {
        // promtool takes the path of the rules relative to the file of the tests.
        String planted = Files.readString(ALERTS).replace("> 60000", "> 600000000");
        assertThat(planted).isNotEqualTo(Files.readString(ALERTS));
        Files.writeString(folder.resolve("alerts.yaml"), planted);
        Path test = folder.resolve("alerts-test.yaml");
        Files.writeString(
                test, Files.readString(ALERTS_TEST).replaceFirst("rule_files: .*", "rule_files: [alerts.yaml]"));

        Command result = promtool(test);

        assertThat(result.exit()).isNotZero();
        assertThat(result.stdout() + result.stderr()).contains("NothingCommits");
    }

    private static Command promtool(Path test) {
        return Command.run(Repository.ROOT, Tool.PROMTOOL.require().toString(), "test", "rules", test.toString());
    }

    private static String name(JsonNode rule) {
        return rule.get("alert").asText();
    }

    private static List<String> expressions(String dashboard) throws IOException {
        List<String> expressions = new ArrayList<>();
        new ObjectMapper().readTree(dashboard).findValuesAsText("expr", expressions);
        return expressions;
    }

    private static String read(String file) throws IOException {
        return Files.readString(Repository.file(file));
    }
}
