package io.zoetrope.chaos.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The phase of a checkpoint in which a fault strikes. */
enum CommitPhase {
    /** Any time. */
    ANY,
    /**
     * The moment at which a checkpoint is complete and its transactions are not committed yet: a fault that loses a
     * transaction now loses answers whose requests the job has completed.
     */
    BEFORE_COMMIT;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final long POLL_NANOS = 500_000;

    static CommitPhase choose(Random random) {
        return random.nextInt(3) == 0 ? BEFORE_COMMIT : ANY;
    }

    /**
     * Waits for the phase.
     *
     * @throws IllegalStateException if the job completes no checkpoint within 5 minutes
     */
    void await(Target target) throws IOException {
        if (this == ANY) {
            return;
        }
        Path checkpoints = target.job().checkpoints();
        Set<String> before = complete(checkpoints);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (before.containsAll(complete(checkpoints))) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the job completed no checkpoint within " + LIMIT.toSeconds() + " s in " + checkpoints);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Returns the names of the complete checkpoints: Flink writes the file {@code _metadata} last. */
    private static Set<String> complete(Path checkpoints) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return Set.of();
        }
        try (Stream<Path> folders = Files.list(checkpoints)) {
            return folders.filter(folder -> Files.exists(folder.resolve("_metadata")))
                    .map(folder -> folder.getFileName().toString())
                    .collect(Collectors.toSet());
        }
    }
}
