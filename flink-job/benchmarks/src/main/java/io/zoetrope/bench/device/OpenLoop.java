package io.zoetrope.bench.device;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** An open-loop client: sends requests at fixed times, whether or not earlier requests are answered. */
public final class OpenLoop {
    /** The system that receives the requests. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Sends request number {@code index}.
         *
         * @return a stage that completes when the request is answered
         */
        CompletionStage<?> send(int index) throws Exception;
    }

    private OpenLoop() {}

    /**
     * Sends all requests and waits for all answers.
     *
     * @param arrivals the time to send each request, in nanoseconds from the start
     * @return the time from when each request was due to its answer, in nanoseconds
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
