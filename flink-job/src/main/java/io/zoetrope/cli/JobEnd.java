package io.zoetrope.cli;

import org.apache.flink.runtime.jobmaster.JobResult;

/** Why a job ended, in a line. */
final class JobEnd {
    private JobEnd() {}

    /** The innermost cause, for the outer ones only tell which of Flink's parts passed it on. */
    static String reason(JobResult result) {
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
