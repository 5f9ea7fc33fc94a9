package io.zoetrope.lane;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests of one stage that can share a batch, and the learned durations of its runs. Guarded by its
 * queue's lock.
 */
final class Bucket<I, O> {
    private static final int UNMEASURED = 0;

    private final StageSpec<I, O> spec;
    private final Object key;
    private final RunTimes times;
    private final TreeSet<Pending<I, O>> byTurn = new TreeSet<>(Pending.TURN);
    /** The requests that have a deadline. */
    private final TreeSet<Pending<I, O>> byDeadline = new TreeSet<>(Pending.DEADLINE);

    /** The requests in order of submission to this lane; empty unless the stage has a maxWait. */
    private final Set<Pending<I, O>> bySubmission = new LinkedHashSet<>();

    private int maxBatch;
    /** The largest batch for which the device is known to have enough memory. */
    private int memoryLimit;

    Bucket(StageSpec<I, O> spec, Object key) {
        this.spec = spec;
        this.key = key;
        this.times = new RunTimes(spec.batchSizes().cap());
        this.memoryLimit = spec.batchSizes().cap();
        this.maxBatch = spec.batchSizes() instanceof BatchSizes.Fixed fixed ? fixed.cap() : UNMEASURED;
    }

    StageSpec<I, O> spec() {
        return spec;
    }

    Object key() {
        return key;
    }

    RunTimes times() {
        return times;
    }

    int size() {
        return byTurn.size();
    }

    /** Returns the largest batch; 1 until it is measured. */
    int maxBatch() {
        return Math.max(1, Math.min(maxBatch, memoryLimit));
    }

    boolean measured() {
        return maxBatch != UNMEASURED;
    }

    void measured(BatchTable table) {
        table.rows().forEach(row -> times.learn(row.batch(), row.time().toNanos()));
        maxBatch = table.choice();
    }

    /** Lowers the largest batch for good, after a larger one had too little memory. */
    void limit(int batch) {
        memoryLimit = Math.min(memoryLimit, batch);
    }

    void add(Pending<I, O> pending) {
        byTurn.add(pending);
        if (pending.ticket().deadline().isPresent()) {
            byDeadline.add(pending);
        }
        if (!spec.maxWait().isZero()) {
            bySubmission.add(pending);
        }
    }

    boolean remove(Pending<I, O> pending) {
        boolean removed = byTurn.remove(pending);
        if (removed && pending.ticket().deadline().isPresent()) {
            byDeadline.remove(pending);
        }
        bySubmission.remove(pending);
        return removed;
    }

    /** Returns the request whose turn is next. */
    @Nullable
    Pending<I, O> next() {
        return byTurn.isEmpty() ? null : byTurn.first();
    }

    List<Pending<I, O>> all() {
        return List.copyOf(byTurn);
    }

    boolean hasDeadlines() {
        return !byDeadline.isEmpty();
    }

    /** Moves expired requests to the list. */
    void takeExpired(Instant now, List<Pending<?, ?>> expired) {
        while (!byDeadline.isEmpty() && byDeadline.first().ticket().expired(now)) {
            Pending<I, O> first = byDeadline.first();
            remove(first);
            expired.add(first);
        }
    }

    /** Takes out the requests that are due first, as many as a batch may have. */
    List<Pending<I, O>> takeBatch() {
        List<Pending<I, O>> batch = byTurn.stream().limit(maxBatch()).toList();
        batch.forEach(this::remove);
        return batch;
    }

    /** Returns how long its next batch still waits for more requests; 0 if a deadline would pass during the wait. */
    long nanosUntilReady(LaneClock clock) {
        if (spec.maxWait().isZero() || size() >= maxBatch()) {
            return 0;
        }
        long left = firstQueuedNanos() + spec.maxWait().toNanos() - clock.nanoTime();
        boolean tooLate = hasDeadlines()
                && byDeadline.first().ticket().expired(clock.instant().plusNanos(left));
        return tooLate ? 0 : Math.max(0, left);
    }

    /** Returns how long its next batch would wait for more requests if one more request was submitted now. */
    long nanosUntilReadyWithOneMore(LaneClock clock) {
        if (size() + 1 >= maxBatch()) {
            return 0;
        }
        return size() == 0 ? spec.maxWait().toNanos() : nanosUntilReady(clock);
    }

    private long firstQueuedNanos() {
        return bySubmission.iterator().next().queuedNanos();
    }
}
