package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A simple model of a bucket: a list that every method searches and sorts again. */
final class WaitingBucket {
    private final Duration maxWait;
    private final List<Waiting> all = new ArrayList<>();
    private int max;
    private int limit = Integer.MAX_VALUE;

    WaitingBucket(Duration maxWait, int max) {
        this.maxWait = maxWait;
        this.max = max;
    }

    void add(Waiting one) {
        all.add(one);
    }

    void remove(Waiting one) {
        all.remove(one);
    }

    void measured(int choice) {
        max = choice;
    }

    void limit(int most) {
        limit = Math.min(limit, most);
    }

    /** Returns the batch size; 0 if it is not measured yet. */
    int max() {
        return Math.min(max, limit);
    }

    Waiting next() {
        return Collections.min(all, Waiting.TURN);
    }

    List<Request> nextBatch() {
        return all.stream()
                .sorted(Waiting.TURN)
                .limit(max())
                .map(Waiting::request)
                .toList();
    }

    List<Waiting> all() {
        return all;
    }

    /** Returns whether its batch is full, has waited for maxWait, or would miss a deadline. */
    boolean ready(LaneClock clock) {
        if (all.isEmpty()) {
            return false;
        }
        if (maxWait.isZero() || all.size() >= max()) {
            return true;
        }
        long since = Long.MAX_VALUE;
        for (Waiting one : all) {
            since = Math.min(since, one.queuedNanos());
        }
        long left = since + maxWait.toNanos() - clock.nanoTime();
        return left <= 0
                || all.stream()
                        .anyMatch(one -> one.ticket().expired(clock.instant().plusNanos(left)));
    }
}
