package io.zoetrope.chaos.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zoetrope.chaos.ledger.Audit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a report as files. */
public final class ReportFiles {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportFiles() {}

    /** Writes the report as Markdown. */
    public static void writeMarkdown(Report report, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, report.markdown());
    }

    /** Writes the report as JSON. */
    public static void writeJson(Report report, Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("command", report.command())
                .put("at", report.at().toString())
                .put("seconds", report.length().toSeconds())
                .put("passed", report.passed())
                .put("kills", report.kills());
        ObjectNode machine = root.putObject("machine");
        report.machine().forEach(machine::put);
        report.ended().ifPresent(why -> root.put("ended", why));
        report.audit().ifPresent(audit -> put(root.putObject("audit"), audit));
        report.latency().ifPresent(times -> put(root.putObject("latency"), times));
        ObjectNode recoveries = root.putObject("recovery");
        report.recoveries().forEach((kind, times) -> put(recoveries.putObject(kind), times));
        ObjectNode skipped = root.putObject("skipped");
        report.skipped().forEach(skipped::put);
        ArrayNode events = root.putArray("events");
        report.events().forEach(event -> put(events.addObject(), event));
        report.soak().ifPresent(soak -> put(root.putObject("soak"), soak));
        JSON.writeValue(file.toFile(), root);
    }

    private static void put(ObjectNode node, Audit audit) {
        node.put("requests", audit.requests()).put("videos", audit.videos()).put("failures", audit.failures());
        put(node, "lost", audit.lost());
        put(node, "doubled", audit.doubled());
        put(node, "unasked", audit.unasked());
        put(node, "differing", audit.differing());
        put(node, "undecodable", audit.undecodable());
        node.put("payloads", audit.payloads());
    }

    private static void put(ObjectNode node, String name, List<String> ids) {
        ArrayNode array = node.putArray(name);
        ids.forEach(array::add);
    }

    private static void put(ObjectNode node, Percentiles times) {
        node.put("count", times.count())
                .put("median_ms", times.median())
                .put("p99_ms", times.p99())
                .put("max_ms", times.max());
    }

    private static void put(ObjectNode node, Event event) {
        node.put("number", event.number())
                .put("kind", event.kind())
                .put("seed", event.seed())
                .put("at", event.at().toString())
                .put("detail", event.detail())
                .put("recovery_ms", event.recoveryMillis());
        event.noticedMillis().ifPresent(millis -> node.put("noticed_ms", millis));
        event.runningMillis().ifPresent(millis -> node.put("running_ms", millis));
    }

    private static void put(ObjectNode node, Soak soak) {
        node.put("minutes", soak.length().toMinutes()).put("load", soak.load());
        soak.samples().forEach((process, samples) -> {
            ArrayNode array = node.putArray(process);
            samples.forEach(usage -> array.addObject()
                    .put("resident_bytes", usage.residentBytes())
                    .put("threads", usage.threads())
                    .put("handles", usage.handles()));
        });
    }
}
