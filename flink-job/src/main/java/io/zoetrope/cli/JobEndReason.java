package io.zoetrope.cli;

import org.apache.flink.runtime.jobmaster.JobResult;

/** Finds out why a job ended. */
final class JobEndReason {
    private static final String CAUSE = "Caused by: ";

    private JobEndReason() {}

    /**
     * Returns the reason in one line: the innermost cause of the job's exception. The outer causes only say through
     * which components of Flink it passed.
     */
    static String of(JobResult result) {
        return result.getSerializedThrowable()
                .map(thrown -> of(thrown.getFullStringifiedStackTrace()))
                .orElse("it was cancelled");
    }

    /** Returns the innermost cause of a stack trace, in one line. */
    static String of(String stackTrace) {
        return stackTrace
                .lines()
                .filter(line -> line.startsWith(CAUSE))
                .reduce((outer, inner) -> inner)
                .map(line -> line.substring(CAUSE.length()))
                .orElseGet(() -> stackTrace.lines().findFirst().orElse("unknown"));
    }
}
