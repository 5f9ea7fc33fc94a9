package io.zoetrope.flink;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The size of the answers that the subtasks of a process keep until they are committed. It has a limit, because nothing
 * else bounds it while checkpoints do not complete. Reaching the limit fails the job, and does not stop the stream: an
 * aligned barrier could not pass an operator that waits for a commit.
 */
final class KeptBytes {
    /** The answers of this process, of all jobs. They may take half of its heap. */
    static final KeptBytes OF_PROCESS = new KeptBytes(Runtime.getRuntime().maxMemory() / 2);

    private final long limit;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Creates a count of nothing.
     *
     * @param limit the largest number of bytes
     */
    KeptBytes(long limit) {
        this.limit = limit;
    }

    /**
     * Counts an answer.
     *
     * @throws IllegalStateException if it does not fit; it is not counted then
     */
    void add(KafkaAnswer answer) {
        long size = size(answer);
        long total = bytes.addAndGet(size);
        if (total > limit) {
            bytes.addAndGet(-size);
            throw new IllegalStateException("answers that are not committed: " + total + " bytes, the limit is " + limit
                    + ", half of this process's heap; checkpoints fail, or are too far apart: look for failed"
                    + " checkpoints, lower checkpoint-interval, or give the process more heap"
                    + " (taskmanager.memory.task.heap.size)");
        }
    }

    /** Stops counting an answer. */
    void remove(KafkaAnswer answer) {
        bytes.addAndGet(-size(answer));
    }

    /** Returns the number of bytes. */
    long bytes() {
        return bytes.get();
    }

    private static long size(KafkaAnswer answer) {
        return (long) answer.value().length + (answer.key() == null ? 0 : answer.key().length);
    }
}
