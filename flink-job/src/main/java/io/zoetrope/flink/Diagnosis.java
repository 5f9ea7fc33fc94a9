package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/** Separates the faults of a single request from the faults of the engine, which all requests would meet. */
final class Diagnosis {
    private static final String STAGE = "generate";

    private Diagnosis() {}

    /**
     * Returns the fault of the request.
     *
     * @throws IllegalStateException if the fault is the engine's: it is closed, or has thrown an Error other than
     *     OutOfMemoryError. The job then has to fail: otherwise it would answer every request with that fault, and
     *     lose them all.
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
                    "a tombstone cancelled the request before it ran; send the prompt again with a new request_id",
                    fault);
        }
        if (fault instanceof TimeoutException) {
            return new RequestException(
                    FailureCode.DEADLINE_EXCEEDED, STAGE, fault.getMessage() + "; set a later deadline or none", fault);
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
