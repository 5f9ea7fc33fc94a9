package io.zoetrope.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.runtime.jobmaster.JobResult;

/** Finds out why a job ended. */
final class JobEndReason {
    private static final String CAUSE = "Caused by: ";
    private static final String KAFKA = "org.apache.kafka.";

    private JobEndReason() {}

    /**
     * Waits until a job has ended, and returns the reason in one line; empty if the job ended without a fault.
     *
     * @param end completes with the job's result, or with an exception if Flink ends before the job
     */
    static Optional<String> await(CompletableFuture<JobResult> end) throws InterruptedException {
        try {
            JobResult result = end.get();
            return result.getSerializedThrowable().isPresent() ? Optional.of(of(result)) : Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause()));
        }
    }

    /**
     * Returns the reason in one line: the innermost cause of the job's exception. The outer causes only say through
     * which components of Flink it passed.
     */
    static String of(JobResult result) {
        return result.getSerializedThrowable()
                .map(thrown -> of(thrown.getFullStringifiedStackTrace()))
                .orElse("it was cancelled");
    }

    /**
     * Returns the innermost cause of a stack trace, in one line. Kafka's exceptions do not name what they are about, so
     * the cause around them follows.
     */
    static String of(String stackTrace) {
        List<String> causes = stackTrace
                .lines()
                .filter(line -> line.startsWith(CAUSE))
                .map(line -> line.substring(CAUSE.length()))
                .toList();
        if (causes.isEmpty()) {
            return stackTrace.lines().findFirst().orElse("unknown");
        }
        String innermost = causes.get(causes.size() - 1);
        Optional<String> full = DiskFull.explain(innermost);
        if (full.isPresent()) {
            return full.get();
        }
        Optional<String> around = causes.stream()
                .filter(cause -> innermost.startsWith(KAFKA) && !cause.contains(innermost))
                .reduce((outer, inner) -> inner);
        return around.map(cause -> innermost + " (" + cause + ")").orElse(innermost);
    }
}
