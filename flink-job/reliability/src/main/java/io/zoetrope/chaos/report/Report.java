package io.zoetrope.chaos.report;

import io.zoetrope.chaos.ledger.Audit;
import io.zoetrope.chaos.process.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One run.
 *
 * @param command the command that repeats it
 * @param at its start
 * @param length how long it took
 * @param machine the machine, the versions and the load, by name
 * @param events the faults, in their order
 * @param skipped the kinds of faults that could not be caused, with the reason
 * @param audit the audit; empty if the run ended before it
 * @param latency the times from request to visible answer, faults included
 * @param soak the use of resources; empty if none was measured
 * @param ended why the run ended early; empty if it did not
 */
public record Report(
        String command,
        Instant at,
        Duration length,
        Map<String, String> machine,
        List<Event> events,
        Map<String, String> skipped,
        Optional<Audit> audit,
        Optional<Percentiles> latency,
        Optional<Soak> soak,
        Optional<String> ended) {
    private static final String KILL = "kill";

    /** Returns whether the run is complete and each request was answered once. */
    public boolean passed() {
        return ended.isEmpty() && audit.isPresent() && audit.get().faults().isEmpty();
    }

    /** Returns the number of SIGKILLs. */
    public long kills() {
        return events.stream().filter(event -> event.kind().contains(KILL)).count();
    }

    /** Returns the recovery times of each kind, in the order of the first of each kind. */
    Map<String, Percentiles> recoveries() {
        Map<String, Percentiles> byKind = new LinkedHashMap<>();
        for (Event event : events) {
            byKind.computeIfAbsent(
                    event.kind(),
                    kind -> Percentiles.of(recoveries(each -> each.kind().equals(kind))));
        }
        return byKind;
    }

    private List<Long> recoveries(Predicate<Event> which) {
        return events.stream().filter(which).map(Event::recoveryMillis).toList();
    }

    /** Returns the report as Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder("# Reliability\n\n");
        text.append("Made by `")
                .append(command)
                .append("` on ")
                .append(at.toString(), 0, 16)
                .append(" UTC, in ")
                .append(length.toMinutes())
                .append(" minutes.\n\n");
        machine.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("\n");
        ended.ifPresent(
                why -> text.append("**The run ended early: ").append(why).append("**\n\n"));
        audit.ifPresentOrElse(result -> appendAudit(text, result), () -> text.append("There is no audit.\n"));
        appendRecoveries(text);
        soak.ifPresent(measured -> appendSoak(text, measured));
        appendEvents(text);
        return text.toString();
    }

    private void appendAudit(StringBuilder text, Audit result) {
        text.append("""
                ## Answers

                Every request was written to a ledger outside Kafka before it was sent. The audit reads all topics as
                `read_committed` and requires one answer for each request that Kafka has stored, equal bytes for equal
                requests, and videos that FFmpeg decodes.

                | requests | videos | failures | lost | answered twice | not requested | wrong bytes | undecodable |
                |---|---|---|---|---|---|---|---|
                | %d | %d | %d | **%d** | **%d** | %d | %d | %d of %d |

                """.formatted(
                        result.requests(),
                        result.videos(),
                        result.failures(),
                        result.lost().size(),
                        result.doubled().size(),
                        result.unasked().size(),
                        result.differing().size(),
                        result.undecodable().size(),
                        result.payloads()));
        result.faults().forEach(fault -> text.append("- ").append(fault).append('\n'));
        latency.ifPresent(times ->
                text.append("""
                From request to visible answer, faults included: median %s s, 99th percentile %s s, longest %s s.
                """.formatted(seconds(times.median()), seconds(times.p99()), seconds(times.max()))));
    }

    private void appendRecoveries(StringBuilder text) {
        text.append("""

                ## Recovery

                %d faults, %d of them SIGKILLs. The recovery lasts from the kill, or from the end of a fault that lasts
                by design, until an answer is visible to a request that was sent later.

                | fault | count | median | 99th percentile | longest |
                |---|---|---|---|---|
                """.formatted(events.size(), kills()));
        recoveries()
                .forEach((kind, times) -> text.append("| %s | %d | %s s | %s s | %s s |%n"
                        .formatted(
                                kind,
                                times.count(),
                                seconds(times.median()),
                                seconds(times.p99()),
                                seconds(times.max()))));
        skipped.forEach((kind, why) -> text.append("| %s | 0 | not run: %s | | |%n".formatted(kind, why)));
        appendParts(text, "taskmanager-kill");
        appendParts(text, "jobmanager-kill");
    }

    /** Appends the parts of the recovery of a kind: until Flink notices, until all tasks run, until an answer. */
    private void appendParts(StringBuilder text, String kind) {
        List<Long> noticed = new ArrayList<>();
        List<Long> running = new ArrayList<>();
        List<Long> answered = new ArrayList<>();
        for (Event event : events) {
            if (event.kind().equals(kind)
                    && event.noticedMillis().isPresent()
                    && event.runningMillis().isPresent()) {
                noticed.add(event.noticedMillis().get());
                running.add(event.runningMillis().get() - event.noticedMillis().get());
                answered.add(event.recoveryMillis() - event.runningMillis().get());
            }
        }
        if (noticed.isEmpty()) {
            return;
        }
        text.append("\nParts of the recovery of `").append(kind).append("`: ");
        appendPart(text, "until Flink notices", noticed);
        appendPart(text, ", until all tasks run again", running);
        appendPart(text, ", until the answer is visible", answered);
        text.append(".\n");
    }

    private static void appendPart(StringBuilder text, String what, List<Long> millis) {
        Percentiles times = Percentiles.of(millis);
        text.append(what)
                .append(" median ")
                .append(seconds(times.median()))
                .append(" s, longest ")
                .append(seconds(times.max()))
                .append(" s");
    }

    private static void appendSoak(StringBuilder text, Soak soak) {
        text.append("""

                ## Resources

                %d minutes of %s. Medians of the second and of the last tenth of that time.

                | process | resident memory | threads | open files |
                |---|---|---|---|
                """.formatted(soak.length().toMinutes(), soak.load()));
        soak.samples()
                .forEach((process, samples) -> text.append("| %s | %d MiB, %d MiB | %d, %d | %d, %d |%n"
                        .formatted(
                                process,
                                Soak.early(samples, Usage::residentBytes) >> 20,
                                Soak.late(samples, Usage::residentBytes) >> 20,
                                Soak.early(samples, Usage::threads),
                                Soak.late(samples, Usage::threads),
                                Soak.early(samples, Usage::handles),
                                Soak.late(samples, Usage::handles))));
    }

    private void appendEvents(StringBuilder text) {
        text.append("\n## Faults\n\n| | kind | detail | noticed | tasks run | answer |\n|---|---|---|---|---|---|\n");
        for (Event event : events) {
            text.append("| %d | %s | %s | %s | %s | %s s |%n"
                    .formatted(
                            event.number(),
                            event.kind(),
                            event.detail(),
                            event.noticedMillis().map(Report::seconds).orElse(""),
                            event.runningMillis().map(Report::seconds).orElse(""),
                            seconds(event.recoveryMillis())));
        }
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f", millis / 1000.0);
    }
}
