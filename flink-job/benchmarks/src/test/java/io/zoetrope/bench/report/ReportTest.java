package io.zoetrope.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.bench.statistics.Summary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Plot PLOT = Plot.lines(
            "scaling",
            "Throughput & more",
            "devices",
            "fraction",
            true,
            List.of(new Plot.Series("measured", new double[] {1, 2, 4}, new double[] {1, 0.99, 0.98})));
    private static final Report REPORT = new Report(
            "./zoetrope bench",
            Instant.parse("2026-01-02T03:04:05Z"),
            Map.of("machine", "2 cores"),
            List.of(new Finding(
                    "scaling",
                    "From 1 to 64 devices",
                    Goal.atLeast(0.99),
                    new Summary(0.98, 0.97, 0.995, 10),
                    "fraction of linear",
                    List.of(Figure.ratio("64", new Summary(0.98, 0.97, 0.995, 10))),
                    List.of("How it was measured."),
                    List.of(PLOT))),
            Map.of("ray_serve_ratio", "no Python"));

    @Test
    void everyFindingIsUnderItsKeyWithItsInterval() {
        ObjectNode scaling = (ObjectNode) REPORT.json().get("scaling");
        assertThat(scaling.get("median").doubleValue()).isEqualTo(0.98);
        assertThat(scaling.get("low").doubleValue()).isEqualTo(0.97);
        assertThat(scaling.get("high").doubleValue()).isEqualTo(0.995);
        assertThat(scaling.get("rounds").intValue()).isEqualTo(10);
        assertThat(scaling.get("met").booleanValue()).isFalse();
        assertThat(scaling.get("64").get("median").doubleValue()).isEqualTo(0.98);
    }

    @Test
    void missingMeasurementsHaveAReason() {
        assertThat(REPORT.json().get("ray_serve_ratio").get("missing").textValue())
                .isEqualTo("no Python");
        assertThat(REPORT.markdown()).contains("| ray_serve_ratio | not measured: no Python |");
    }

    @Test
    void goalIsMetAtItsBound() {
        assertThat(Goal.atLeast(0.99).metBy(0.99)).isTrue();
        assertThat(Goal.atLeast(0.99).metBy(0.98)).isFalse();
        assertThat(Goal.atMost(1.05).metBy(1.05)).isTrue();
        assertThat(Goal.atMost(1.05).metBy(1.06)).isFalse();
    }

    @Test
    void aGoalInsideTheIntervalIsMetOrMissedNarrowly() {
        assertThat(verdict(0.98, 0.97, 0.985)).isEqualTo("**no**");
        assertThat(verdict(0.98, 0.97, 0.995)).isEqualTo("**no**, narrowly");
        assertThat(verdict(1.0, 0.97, 1.01)).isEqualTo("yes, narrowly");
        assertThat(verdict(1.0, 0.99, 1.01)).isEqualTo("yes");
        assertThat(REPORT.markdown()).contains("| ≥ 0.99 | **no**, narrowly |");
        assertThat(REPORT.json().get("scaling").get("decided").booleanValue()).isFalse();
    }

    private static String verdict(double median, double low, double high) {
        return new Finding(
                        "key",
                        "title",
                        Goal.atLeast(0.99),
                        new Summary(median, low, high, 10),
                        "what",
                        List.of(),
                        List.of(),
                        List.of())
                .verdict();
    }

    @Test
    void plotsAreWrittenBesideTheReport(@TempDir Path folder) throws Exception {
        REPORT.write(folder);
        assertThat(folder.resolve("report.md")).content().contains("](report/scaling.svg)");
        assertThat(Files.readString(folder.resolve("report/scaling.svg"))).contains("Throughput &amp; more");
    }
}
