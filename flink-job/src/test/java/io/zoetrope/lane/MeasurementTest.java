package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Measures batch sizes of stages with known durations, in virtual time. */
class MeasurementTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final TestClock clock = new TestClock();
    private final List<Integer> runs = new ArrayList<>();

    @Test
    void stageThatBatchesWellGetsTheLargestBatch() throws Exception {
        BatchTable table = measure(batch -> 20_000 + 100 * batch, 32, SECOND);
        assertThat(table.choice()).isEqualTo(32);
        assertThat(table.stopped()).isEqualTo("the cap");
        assertThat(table.rows()).extracting(BatchTable.Row::batch).containsExactly(1, 2, 4, 8, 16, 32);
        assertThat(table.rows().get(1).time()).isEqualTo(Duration.ofNanos(20_200_000));
    }

    @Test
    void stageThatGainsNothingFromBatchesGetsBatchesOfOne() throws Exception {
        BatchTable table = measure(batch -> 10 + 50_000 * batch, 32, SECOND);
        assertThat(table.choice()).isEqualTo(1);
        assertThat(table.rows()).hasSize(2);
        assertThat(table.stopped()).contains("less than 5%");
    }

    @Test
    void batchesStayWithinTheLatencyBound() throws Exception {
        BatchTable table = measure(batch -> 20_000 + 10_000 * batch, 32, Duration.ofMillis(70));
        assertThat(table.choice()).isEqualTo(4);
        assertThat(table.rows()).extracting(BatchTable.Row::batch).containsExactly(1, 2, 4, 8);
        assertThat(table.stopped()).contains("latency bound");
    }

    @Test
    void stageSlowerThanTheBoundGetsBatchesOfOne() throws Exception {
        BatchTable table = measure(batch -> 2_650_000L * batch, 32, SECOND);
        assertThat(table.choice()).isEqualTo(1);
        assertThat(runs).containsExactly(1, 1); // one warm-up and one timed run: a run of this length needs no median
    }

    @Test
    void capThatIsNotAPowerOfTwoIsMeasured() throws Exception {
        BatchTable table = measure(batch -> 20_000 + 100 * batch, 6, SECOND);
        assertThat(table.rows()).extracting(BatchTable.Row::batch).containsExactly(1, 2, 4, 6);
        assertThat(table.choice()).isEqualTo(6);
    }

    @Test
    void smallestOfSimilarSizesIsChosen() {
        BatchTable table =
                BatchTable.of("generate", "a", List.of(row(1, 100), row(2, 102), row(4, 200)), SECOND, "throughput");
        assertThat(table.choice()).isEqualTo(2);
    }

    @Test
    void oneSlowRunOfThreeChangesNothing() throws Exception {
        AtomicInteger run = new AtomicInteger();
        BatchTable table =
                measure(batch -> (run.getAndIncrement() % 4 == 2 ? 9 : 1) * (20_000L + 100L * batch), 4, SECOND);
        assertThat(table.choice()).isEqualTo(4);
        assertThat(table.rows().get(0).time()).isEqualTo(Duration.ofNanos(20_100_000));
    }

    @Test
    void batchThatDoesNotFitInMemoryEndsTheMeasurement() throws Exception {
        BatchTable table = measure(
                batch -> {
                    if (batch > 4) {
                        throw new OutOfMemoryError("planted");
                    }
                    return 20_000L + 100L * batch;
                },
                32,
                SECOND);
        assertThat(table.choice()).isEqualTo(4);
        assertThat(table.stopped()).contains("a batch of 8 failed").contains("planted");
    }

    @Test
    void stageWithWrongResultCountsCannotBeMeasured() {
        StageSpec<Integer, Integer> spec = new StageSpec<>(
                "broken", batch -> List.of(), one -> "all", new BatchSizes.Measured(4, SECOND), Duration.ZERO);
        assertThatIllegalStateException()
                .isThrownBy(() -> new Measurement<>(spec, spec.stage(), clock, () -> {})
                        .measure("all", 0, new BatchSizes.Measured(4, SECOND)))
                .withMessageContaining("expected one result for each request, 1, got 0");
    }

    @Test
    void measurementStopsWhenItIsNoLongerActive() {
        StageSpec<Integer, Integer> spec = spec(batch -> 20_000, 32, SECOND);
        Runnable checkActive = () -> {
            if (runs.size() == 6) {
                throw new CancellationException("planted");
            }
        };
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> new Measurement<>(spec, spec.stage(), clock, checkActive)
                        .measure("all", 0, new BatchSizes.Measured(32, SECOND)));
        assertThat(runs).containsExactly(1, 1, 1, 1, 2, 2);
    }

    @Test
    void laneMeasuresABucketOnceWithItsFirstRequest() {
        List<BatchTable> tables = new ArrayList<>();
        LaneQueue queue = new LaneQueue(clock);
        LaneLoop loop = new LaneLoop(
                "test",
                queue,
                clock,
                new LaneObserver() {
                    @Override
                    public void measured(String lane, BatchTable table) {
                        tables.add(table);
                    }
                },
                Watchdog.off());
        LanePort<Integer, Integer> port = new LanePort<>(spec(batch -> 20_000 + 100 * batch, 4, SECOND), queue, clock);
        List<CompletableFuture<Served<Integer>>> answers = IntStream.range(0, 6)
                .mapToObj(i -> port.submit(i, new Ticket(i, clock.instant(), Optional.empty(), () -> {}))
                        .toCompletableFuture())
                .toList();
        while (queue.nanosUntilTurn() == 0) {
            loop.turn();
        }
        assertThat(tables).singleElement().extracting(BatchTable::choice).isEqualTo(4);
        assertThat(answers).map(answer -> answer.join().batchSize()).containsExactly(1, 4, 4, 4, 4, 1);
        assertThat(port.nanosUntilDoneAlone(0, new Ticket(0, clock.instant(), Optional.empty(), () -> {})))
                .isEqualTo(20_100_000);
    }

    @Test
    void tableIsPrintedForALog() {
        BatchTable table = BatchTable.of("text", "[16]", List.of(row(1, 10), row(2, 10)), SECOND, "the cap");
        assertThat(table).asString().isEqualToNormalizingNewlines("""
                text [16]: batches of 2 (the cap)
                     1      10.000 ms      100.00 /s
                *    2      10.000 ms      200.00 /s""");
    }

    private BatchTable measure(IntToLongFunction micros, int cap, Duration latencyBound) throws Exception {
        StageSpec<Integer, Integer> spec = spec(micros, cap, latencyBound);
        return new Measurement<>(spec, spec.stage(), clock, () -> {})
                .measure("all", 0, new BatchSizes.Measured(cap, latencyBound));
    }

    private StageSpec<Integer, Integer> spec(IntToLongFunction micros, int cap, Duration latencyBound) {
        Stage<Integer, Integer> stage = batch -> {
            runs.add(batch.size());
            clock.advance(1_000 * micros.applyAsLong(batch.size()));
            return batch;
        };
        return new StageSpec<>("stage", stage, one -> "all", new BatchSizes.Measured(cap, latencyBound), Duration.ZERO);
    }

    private static BatchTable.Row row(int batch, int millis) {
        return new BatchTable.Row(batch, Duration.ofMillis(millis));
    }
}
