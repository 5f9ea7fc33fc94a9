package io.zoetrope.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.bench.statistics.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The findings of one command on one machine.
 *
 * @param command the command that reproduces the report
 * @param at the time at which the measurements started
 * @param machine the properties of the machine and the versions, by name
 * @param findings the findings, in the order of the report
 * @param missing the reasons why measurements are missing, by key
 */
public record Report(
        String command, Instant at, Map<String, String> machine, List<Finding> findings, Map<String, String> missing) {
    private static final String DRAWINGS = "report";

    /** Returns the findings by key as JSON, each with its interval. */
    public ObjectNode json() {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("command", command).put("at", at.toString());
        ObjectNode about = root.putObject("machine");
        machine.forEach(about::put);
        for (Finding finding : findings) {
            ObjectNode node = root.putObject(finding.key());
            put(node, finding.main());
            node.put("of", finding.what());
            node.put("goal", finding.goal().toString())
                    .put("met", finding.met())
                    .put("decided", finding.decided());
            for (Figure figure : finding.figures()) {
                ObjectNode each = node.putObject(figure.name());
                put(each, figure.summary());
                if (!figure.unit().isEmpty()) {
                    each.put("unit", figure.unit());
                }
            }
        }
        missing.forEach((key, reason) -> root.putObject(key).put("missing", reason));
        return root;
    }

    private static void put(ObjectNode node, Summary summary) {
        node.put("median", summary.median())
                .put("low", summary.low())
                .put("high", summary.high())
                .put("rounds", summary.rounds());
    }

    /** Returns the report as Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder("# Benchmarks\n\n");
        text.append("Made by `")
                .append(command)
                .append("` on ")
                .append(at.toString(), 0, 10)
                .append(".\n\n");
        machine.forEach((what, name) ->
                text.append("- ").append(what).append(": ").append(name).append('\n'));
        text.append("\nEvery main figure is a ratio or a share that is measured in one run with the sides in turn:")
                .append(" the median of the rounds, with its 95% bootstrap interval. The word \"narrowly\" says that")
                .append(" the goal is within the interval.\n\n");
        text.append("| what | figure | 95% interval | rounds | goal | met |\n|---|---|---|---|---|---|\n");
        for (Finding finding : findings) {
            text.append(String.format(
                    "| [%s](#%s): %s | **%s** | %s | %d | %s | %s |%n",
                    finding.title(),
                    finding.key(),
                    finding.what(),
                    number(finding.main().median()),
                    interval(finding.main()),
                    finding.main().rounds(),
                    finding.goal(),
                    finding.verdict()));
        }
        missing.forEach((key, reason) -> text.append("| ")
                .append(key)
                .append(" | not measured: ")
                .append(reason)
                .append(" | | | | |\n"));
        findings.forEach(finding -> append(text, finding));
        return text.toString();
    }

    private static void append(StringBuilder text, Finding finding) {
        text.append(String.format("%n## <a id=\"%s\"></a>%s%n%n", finding.key(), finding.title()));
        finding.notes().forEach(note -> text.append(note).append("\n\n"));
        if (!finding.figures().isEmpty()) {
            text.append("| figure | median | 95% interval | rounds |\n|---|---|---|---|\n");
            for (Figure figure : finding.figures()) {
                text.append(String.format(
                        "| %s | %s%s | %s | %d |%n",
                        figure.name(),
                        number(figure.summary().median()),
                        figure.unit().isEmpty() ? "" : " " + figure.unit(),
                        interval(figure.summary()),
                        figure.summary().rounds()));
            }
        }
        finding.plots()
                .forEach(plot ->
                        text.append(String.format("%n![%s](%s/%s.svg)%n", plot.title(), DRAWINGS, plot.file())));
    }

    private static String interval(Summary summary) {
        return number(summary.low()) + " – " + number(summary.high());
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 2 ? "%.2f" : "%.4f", value);
    }

    /**
     * Writes {@code report.md} and its plots.
     *
     * @param folder an existing folder
     */
    public void write(Path folder) throws IOException {
        Path drawings = Files.createDirectories(folder.resolve(DRAWINGS));
        for (Finding finding : findings) {
            for (Plot plot : finding.plots()) {
                Files.writeString(drawings.resolve(plot.file() + ".svg"), plot.svg());
            }
        }
        Files.writeString(folder.resolve("report.md"), markdown());
    }

    /** Writes the JSON to a file. */
    public void writeJson(Path file) throws IOException {
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json());
    }
}
