package io.zoetrope.bench.device;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** Sends requests at fixed times, whatever becomes of those before. */
public final class OpenLoop {
    /** Sends a request. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Sends request number {@code index}.
         *
         * @return complete when it is answered
         */
        CompletionStage<?> send(int index) throws Exception;
    }

    private OpenLoop() {}

    /**
     * Sends all requests and waits for their answers.
     *
     * @param arrivals when to send each, in nanoseconds from the start
     * @return each request's time from when it was due to its answer, in nanoseconds
     */
    public static long[] latencies(long[] arrivals, Sender sender) throws Exception {
        long[] latencies = new long[arrivals.length];
        CompletableFuture<?>[] answers = new CompletableFuture<?>[arrivals.length];
        long start = System.nanoTime();
        for (int i = 0; i < arrivals.length; i++) {
            int index = i;
            long due = start + arrivals[i];
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            answers[i] = sender.send(i)
                    .thenRun(() -> latencies[index] = System.nanoTime() - due)
                    .toCompletableFuture();
        }
        CompletableFuture.allOf(answers).join();
        return latencies;
    }
}
