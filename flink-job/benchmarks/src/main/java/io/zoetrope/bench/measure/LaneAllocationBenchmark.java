package io.zoetrope.bench.measure;

import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.StageSpec;
import io.zoetrope.lane.Ticket;
import io.zoetrope.lane.Watchdog;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Benchmark of requests through a lane, from the ticket to the answer, on a stage that does nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LaneAllocationBenchmark {
    private static final int REQUESTS = 64;

    @SuppressWarnings("NullAway.Init") // JMH calls start() before every trial
    private Lane lane;

    @SuppressWarnings("NullAway.Init")
    private LanePort<Object, Object> port;

    private final Admission admission = new Admission(REQUESTS, LaneClock.system());

    /** Starts the lane. */
    @Setup
    public void start() {
        lane = Lane.start("nothing", LaneClock.system(), LaneObserver.all(), Watchdog.off());
        port = lane.host(
                new StageSpec<>("nothing", batch -> batch, request -> "all", new BatchSizes.Fixed(16), Duration.ZERO));
    }

    /** Submits requests and waits until all are answered. */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void submitToComplete() {
        CompletableFuture<?>[] answers = new CompletableFuture<?>[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            Ticket ticket = admission.enter("request", Optional.empty());
            answers[i] = port.submit(lane, ticket)
                    .whenComplete((served, fault) -> ticket.close())
                    .toCompletableFuture();
        }
        CompletableFuture.allOf(answers).join();
    }

    /** Stops the lane. */
    @TearDown
    public void stop() {
        lane.close();
    }
}
