package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/** Tells what went wrong with one request from what would go wrong with all of them. */
final class Diagnosis {
    private static final String STAGE = "generate";

    private Diagnosis() {}

    /**
     * The request's fault.
     *
     * @throws IllegalStateException where the engine is at fault: closed, or broken by an Error other than a lack of
     *     memory. To answer request after request with that would lose them all quietly.
     */
    static RequestException of(Throwable thrown) {
        Throwable fault =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (fault instanceof RequestException known) {
            return known;
        }
        if (fault instanceof CancellationException) {
            return new RequestException(
                    FailureCode.CANCELLED,
                    STAGE,
                    "a tombstone withdrew the request before the device took it; send it again under a new request_id",
                    fault);
        }
        if (fault instanceof TimeoutException) {
            return new RequestException(
                    FailureCode.DEADLINE_EXCEEDED, STAGE, fault.getMessage() + "; give more time or none", fault);
        }
        if (fault instanceof OutOfMemoryError) {
            return new RequestException(
                    FailureCode.OUT_OF_MEMORY,
                    STAGE,
                    fault + "; give the process more memory, or lower batch-max",
                    fault);
        }
        if (fault instanceof Error || fault instanceof RejectedExecutionException) {
            throw new IllegalStateException("the engine failed, so that no request can be answered: " + fault, fault);
        }
        return new RequestException(
                FailureCode.INFERENCE_FAILED, STAGE, fault + "; the log of the task has its stack trace", fault);
    }
}
