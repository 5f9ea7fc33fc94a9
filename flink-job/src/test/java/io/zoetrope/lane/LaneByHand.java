package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/** A fixture with a lane that has no thread: the test executes every turn of its loop. */
class LaneByHand {
    final TestClock clock = new TestClock();
    final LanePromises promises = new LanePromises();
    final LaneQueue queue = new LaneQueue(clock);
    final List<List<Integer>> batches = new ArrayList<>();
    final List<LaneRun> runs = new ArrayList<>();
    final LaneLoop loop = new LaneLoop(
            "test",
            queue,
            clock,
            new LaneObserver() {
                @Override
                public void ran(LaneRun run) {
                    runs.add(run);
                }
            },
            Watchdog.off());
    Stage<Request, String> device = batch -> batch.stream().map(Request::answer).toList();
    LanePort<Request, String> port = host(Duration.ZERO);

    LanePort<Request, String> host(Duration maxWait) {
        return host(3, maxWait);
    }

    LanePort<Request, String> host(int maxBatch, Duration maxWait) {
        Stage<Request, String> stage = batch -> {
            batches.add(batch.stream().map(Request::id).toList());
            return device.run(batch);
        };
        return new LanePort<>(
                promises.watch(
                        new StageSpec<>("stage", stage, Request::bucket, new BatchSizes.Fixed(maxBatch), maxWait)),
                queue,
                clock);
    }

    @AfterEach
    void everyPromiseIsKept() {
        queue.close();
        assertThat(promises.broken()).isEmpty();
    }

    CompletableFuture<Served<String>> submit(int id, String bucket) {
        return submit(id, bucket, Instant.MAX);
    }

    CompletableFuture<Served<String>> submit(int id, String bucket, Instant deadline) {
        return submit(id, bucket, ticket(deadline));
    }

    CompletableFuture<Served<String>> submit(int id, String bucket, Ticket ticket) {
        Request request = new Request(id, bucket);
        var answer = port.submit(request, ticket);
        promises.submitted(request, answer);
        return answer.toCompletableFuture();
    }

    Ticket ticket(Instant deadline) {
        return new Ticket(
                "ticket",
                clock.instant(),
                deadline.equals(Instant.MAX) ? Optional.empty() : Optional.of(deadline),
                () -> {});
    }
}
