package io.zoetrope.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.chaos.ledger.Audit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void percentilesAreTakenByTheNearestRank() {
        List<Long> millis = LongStream.rangeClosed(1, 200).boxed().toList();

        assertThat(Percentiles.of(millis)).isEqualTo(new Percentiles(200, 100, 198, 200));
        assertThat(Percentiles.of(List.of(7L))).isEqualTo(new Percentiles(1, 7, 7, 7));
    }

    @Test
    void aReportPassesOnlyIfTheRunEndedAndTheAuditFoundNothing() {
        assertThat(report(audit(List.of()), Optional.empty()).passed()).isTrue();
        assertThat(report(audit(List.of("request-1")), Optional.empty()).passed())
                .isFalse();
        assertThat(report(audit(List.of()), Optional.of("no broker")).passed()).isFalse();
        assertThat(report(Optional.empty(), Optional.empty()).passed()).isFalse();
    }

    @Test
    void theReportNamesWhatIsLostAndHowLongTheRecoveryTook() {
        assertThat(report(audit(List.of("request-1")), Optional.empty()).markdown())
                .contains("| 2 | 1 | 0 | **1** | **0** |")
                .contains("1 without an answer: request-1")
                .contains("| taskmanager-kill | 1 | 5.0 s | 5.0 s | 5.0 s |")
                .contains("until Flink notices median 1.0 s, longest 1.0 s, until all tasks run again median 3.0 s");
    }

    private static Optional<Audit> audit(List<String> lost) {
        return Optional.of(new Audit(2, 2 - lost.size(), 0, lost, List.of(), List.of(), List.of(), 1, List.of()));
    }

    private static Report report(Optional<Audit> audit, Optional<String> ended) {
        Event kill =
                new Event(1, "taskmanager-kill", 1, Instant.EPOCH, "one", 5000, Optional.of(1000L), Optional.of(4000L));
        return new Report(
                "./zoetrope chaos",
                Instant.EPOCH,
                Duration.ofMinutes(1),
                Map.of(),
                List.of(kill),
                Map.of(),
                audit,
                Optional.empty(),
                Optional.empty(),
                ended);
    }
}
