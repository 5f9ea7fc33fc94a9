package io.zoetrope.cli;

import io.zoetrope.config.DurationText;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.schema.FailedPrompt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select failures. A failure has to match all that are given. */
final class FailureFilter {
    @Option(
            names = "--code",
            paramLabel = "CODE",
            description = "Failures with this code, such as INFERENCE_FAILED. May be given several times.")
    private List<String> codes = List.of();

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "The failure of this request. May be given several times.")
    private List<String> requestIds = List.of();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Failures at this time or later: 2026-01-31T08:00:00Z, or 2h for two hours ago.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Failures before this time, in the same forms.")
    private @Nullable String until;

    /**
     * Returns whether a failure is selected.
     *
     * @param clock gives the time that durations are counted back from
     * @throws UsageException if a time has neither form, or a code does not exist
     */
    Predicate<FailedPrompt> value(InstantSource clock) {
        for (String code : codes) {
            if (List.of(FailureCode.values()).stream()
                    .noneMatch(each -> each.name().equals(code))) {
                throw new UsageException(
                        "--code " + code + ": there is no such code; give one of " + List.of(FailureCode.values()));
            }
        }
        Instant from = since == null ? Instant.MIN : instant("--since", since, clock);
        Instant to = until == null ? Instant.MAX : instant("--until", until, clock);
        return failure -> (codes.isEmpty() || codes.contains(failure.getCode()))
                && (requestIds.isEmpty() || requestIds.contains(failure.getRequestId()))
                && !failure.getFailedAt().isBefore(from)
                && failure.getFailedAt().isBefore(to);
    }

    private static Instant instant(String option, String text, InstantSource clock) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return clock.instant().minus(duration(option, text));
        }
    }

    private static Duration duration(String option, String text) {
        try {
            return DurationText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    option + " " + text
                            + ": expected a time such as 2026-01-31T08:00:00Z, or a duration before now such"
                            + " as 30min, 2h or 7d",
                    e);
        }
    }
}
