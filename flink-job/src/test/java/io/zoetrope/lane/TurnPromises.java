package io.zoetrope.lane;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks a lane's promises about turns. Requires that one thread executes all events, so that each turn has exactly one
 * right outcome. Keeps its own list of waiting requests and derives that outcome in the simplest way:
 *
 * <ul>
 *   <li>the bucket of the request with the earliest deadline runs next, with as many of its requests as fit, in order
 *       of their deadlines; a missing or far deadline counts as one minute after the arrival;
 *   <li>no request starves: after that minute no later request runs before it;
 *   <li>a batch that is not full runs after its maxWait, or earlier if it would miss a deadline; an idle device has no
 *       other reason to wait;
 *   <li>cancelled and expired requests never run;
 *   <li>a batch that failed runs again in halves.
 * </ul>
 */
final class TurnPromises {
    private static final int MEASURED = 0;

    private final LaneClock clock;
    private final Map<Request, Waiting> waiting = new HashMap<>();
    private final Map<String, WaitingBucket> buckets = new HashMap<>();
    private final Map<String, Integer> choices = new HashMap<>();
    /** The requests on the device, with the size of their last batch; zero while their bucket is measured. */
    private final Map<Request, Running> running = new HashMap<>();

    private final List<String> broken = new ArrayList<>();
    private @Nullable Waiting measuring;
    private int sequence;

    private record Running(Waiting one, int batch) {}

    TurnPromises(LaneClock clock) {
        this.clock = clock;
    }

    /** Called before a request is submitted. */
    void submitted(Request request, Ticket ticket, StageSpec<Request, String> spec) {
        WaitingBucket bucket = buckets.computeIfAbsent(
                spec.name() + request.bucket(),
                name -> new WaitingBucket(
                        spec.maxWait(),
                        spec.batchSizes() instanceof BatchSizes.Fixed fixed
                                ? fixed.cap()
                                : choices.getOrDefault(name, 0)));
        Waiting one = new Waiting(request, ticket, bucket, clock.nanoTime(), sequence++);
        waiting.put(request, one);
        bucket.add(one);
    }

    void answered(Request request) {
        leaves(request);
        running.remove(request);
    }

    void measured(BatchTable table) {
        String name = table.stage() + table.bucket();
        choices.put(name, table.choice());
        WaitingBucket bucket = buckets.get(name);
        if (bucket != null) {
            bucket.measured(table.choice());
        }
    }

    /** Called when a lack of memory limits the batches of a bucket. */
    void limited(String stage, Object bucket, int batch) {
        Objects.requireNonNull(buckets.get(stage + bucket)).limit(batch);
    }

    List<String> broken() {
        return broken;
    }

    /** Called when a run begins. */
    void runs(List<Request> batch) {
        Request sample = batch.get(0);
        Waiting first = waiting.get(sample);
        boolean copies = batch.get(batch.size() - 1).equals(sample);
        if (copies && first != null && first.bucket().max() == 0) {
            checkTurn(first); // the lane measures its bucket with it before it serves it
            checkLeft(first);
            leaves(sample);
            running.put(sample, new Running(first, MEASURED));
            measuring = first;
            return;
        }
        if (copies
                && measuring != null
                && measuring.request().equals(sample)
                && measuring.bucket().max() == 0) {
            return; // the measurement continues, or it failed and the request runs alone
        }
        if (first != null) {
            checkFirstRun(first, batch);
        } else {
            checkHalf(batch);
        }
        for (Request request : batch) {
            Running before = running.get(request);
            Waiting one = before == null ? leaves(request) : before.one();
            if (one != null) {
                checkLeft(one);
                running.put(request, new Running(one, batch.size()));
            }
        }
    }

    /** Called when the lane is about to wait. */
    void idles() {
        for (WaitingBucket bucket : buckets.values()) {
            if (bucket.ready(clock)) {
                broken.add("no idle device while a request is ready: "
                        + bucket.next().request());
            }
        }
    }

    private @Nullable Waiting leaves(Request request) {
        Waiting one = waiting.remove(request);
        if (one != null) {
            one.bucket().remove(one);
        }
        return one;
    }

    private void checkLeft(Waiting one) {
        if (one.ticket().cancelled()) {
            broken.add("no run after the cancellation: " + one.request());
        }
        if (one.ticket().expired(clock.instant())) {
            broken.add("no run after the deadline: " + one.request());
        }
    }

    private void checkFirstRun(Waiting first, List<Request> batch) {
        checkTurn(first);
        checkNoRequestStarves(first, batch);
        List<Request> expected = first.bucket().nextBatch();
        if (!expected.equals(batch)) {
            broken.add("by deadline, then by age, as many as fit: expected " + expected + ", got " + batch);
        }
        if (!first.bucket().ready(clock)) {
            broken.add("a batch that is not full waits for its maxWait: " + batch);
        }
    }

    /** Checks that no ready bucket had a request that is due earlier. */
    private void checkTurn(Waiting first) {
        Waiting next = first.bucket().next();
        for (WaitingBucket bucket : buckets.values()) {
            if (bucket.ready(clock) && Waiting.TURN.compare(bucket.next(), next) < 0) {
                broken.add("the earliest deadline runs first: " + bucket.next().request() + " waited while "
                        + first.request() + " ran");
            }
        }
    }

    /**
     * Checks that no request ran before one that had waited a minute longer. A request that only shares the batch of
     * the first one takes no turn from other buckets.
     */
    private void checkNoRequestStarves(Waiting first, List<Request> batch) {
        List<Waiting> running = first.bucket().all().stream()
                .filter(one -> batch.contains(one.request()))
                .toList();
        for (WaitingBucket bucket : buckets.values()) {
            if (!bucket.ready(clock)) {
                continue;
            }
            List<Waiting> before = bucket == first.bucket() ? running : List.of(first);
            for (Waiting one : bucket.all()) {
                if (!running.contains(one) && before.stream().anyMatch(one::outwaited)) {
                    broken.add("no request starves: " + one.request() + " waited while " + batch + " ran");
                }
            }
        }
    }

    private void checkHalf(List<Request> batch) {
        for (Request request : batch) {
            Running before = running.get(request);
            if (before == null) {
                broken.add("only waiting requests run: " + request);
            } else if (before.batch() > 1 && batch.size() > (before.batch() + 1) / 2) {
                broken.add("a batch that failed runs again in halves: " + before.batch() + " became " + batch.size());
            }
        }
    }
}
