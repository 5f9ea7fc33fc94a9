package io.zoetrope.cli;

import org.apache.flink.runtime.jobmaster.JobResult;

/** Finds out why a job ended. */
final class JobEndReason {
    private JobEndReason() {}

    /**
     * Returns the reason in one line: the innermost cause of the job's exception. The outer causes only say through
     * which components of Flink it passed.
     */
    static String of(JobResult result) {
        return result.getSerializedThrowable()
                .map(thrown -> thrown.getFullStringifiedStackTrace()
                        .lines()
                        .filter(line -> line.startsWith("Caused by: "))
                        .reduce((outer, inner) -> inner)
                        .map(line -> line.substring("Caused by: ".length()))
                        .orElseGet(thrown::toString))
                .orElse("it was cancelled");
    }
}
