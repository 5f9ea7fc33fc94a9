package io.zoetrope.hosting;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** An open stage that several lanes run. Freeing it waits for their runs. */
final class OpenStage<I, O> {
    private final HostedStage.Opened<I, O> opened;
    /** The lock that runs share and close takes exclusively. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    OpenStage(HostedStage.Opened<I, O> opened) {
        this.opened = opened;
    }

    /**
     * Runs a batch; empty if this is closed or being closed. Does not wait for a close, because the lane's watch counts
     * the time.
     */
    Optional<List<O>> run(List<I> batch) {
        if (!use.readLock().tryLock()) {
            return Optional.empty();
        }
        try {
            return closed ? Optional.empty() : Optional.of(opened.runner().apply(batch));
        } finally {
            use.readLock().unlock();
        }
    }

    /** Makes the run of a thread fail soon. */
    void endRun(Thread runner) {
        opened.ender().accept(runner);
    }

    long fileBytes() {
        return opened.fileBytes();
    }

    /** Waits for the runs in progress, then frees the stage. */
    void close() {
        use.writeLock().lock();
        try {
            closed = true;
            opened.closer().run();
        } finally {
            use.writeLock().unlock();
        }
    }
}
