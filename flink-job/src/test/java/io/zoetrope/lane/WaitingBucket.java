package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The rules of a bucket in the plainest way: a list, searched and sorted anew for each question. */
final class WaitingBucket {
    private final Duration maxWait;
    private final List<Waiting> all = new ArrayList<>();
    private int max;

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

    /** The batch size, zero if that is not known yet. */
    int max() {
        return max;
    }

    Waiting next() {
        return Collections.min(all, Waiting.TURN);
    }

    List<Request> nextBatch() {
        return all.stream()
                .sorted(Waiting.TURN)
                .limit(max)
                .map(Waiting::request)
                .toList();
    }

    List<Waiting> all() {
        return all;
    }

    /** Full, or waited for long enough, or about to miss a deadline. */
    boolean ready(LaneClock clock) {
        if (all.isEmpty()) {
            return false;
        }
        if (maxWait.isZero() || all.size() >= max) {
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
