package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests devices that fail, as a GPU does after an illegal memory access: 1 to 8 lanes, each executed by hand. */
class DeviceFaultTest {
    private static final String GONE = "an illegal memory access was encountered";

    private final TestClock clock = new TestClock();
    private final List<Site> sites = new ArrayList<>();
    /** Requests that make each device fail. */
    private final Set<Integer> harmful = new HashSet<>();

    /** One device with its lane. */
    private final class Site implements Stage<Integer, Integer> {
        private final LaneQueue queue = new LaneQueue(clock);
        private final List<LaneOutException> takenOut = new ArrayList<>();
        private final LaneLoop loop = new LaneLoop(
                "cuda:" + sites.size(),
                queue,
                clock,
                new LaneObserver() {
                    @Override
                    public void takenOut(String lane, LaneOutException reason) {
                        takenOut.add(reason);
                    }
                },
                Watchdog.off());
        private final LanePort<Integer, Integer> port = new LanePort<>(
                new StageSpec<>("stage", this, request -> "all", new BatchSizes.Fixed(4), Duration.ZERO), queue, clock);
        private final List<String> calls = new ArrayList<>();
        /** The number of runs that fail from now on. */
        private int failing;

        private boolean canBeRenewed = true;

        @Override
        public List<Integer> run(List<Integer> batch) {
            calls.add("run " + batch);
            clock.advance(Duration.ofMillis(10));
            if (failing > 0 || batch.stream().anyMatch(harmful::contains)) {
                failing--;
                throw new IllegalStateException(GONE);
            }
            return batch;
        }

        @Override
        public void renew() {
            calls.add("renew");
            if (!canBeRenewed) {
                throw new IllegalStateException("CUDA failure 700");
            }
        }

        @Override
        public boolean isDeviceFault(Throwable fault) {
            return GONE.equals(fault.getMessage());
        }
    }

    @Test
    void aBatchRunsAgainOnARenewedStage() throws Exception {
        Dispatch<Integer, Integer> dispatch = devices(1);
        sites.get(0).failing = 2;
        List<CompletableFuture<Served<Integer>>> answers = submit(dispatch, 1, 2);
        sites.get(0).loop.turn();

        assertThat(sites.get(0).calls).containsExactly("run [1, 2]", "renew", "run [1, 2]", "renew", "run [1, 2]");
        assertThat(values(answers)).containsExactly(1, 2);
        assertThat(sites.get(0).port.isOut()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
    void aDeviceThatFailsThreeTimesRunningIsTakenOutAndItsRequestsMoveOn(int count) throws Exception {
        Dispatch<Integer, Integer> dispatch = devices(count);
        sites.get(0).failing = Integer.MAX_VALUE;
        List<CompletableFuture<Served<Integer>>> answers =
                submit(dispatch, IntStream.range(0, 16 * count).toArray());
        runAll();

        assertThat(values(answers))
                .containsExactlyElementsOf(
                        IntStream.range(0, 16 * count).boxed().toList());
        assertThat(sites.get(0).calls)
                .filteredOn(call -> call.startsWith("run"))
                .hasSize(3);
        assertThat(sites.get(0).takenOut)
                .singleElement()
                .asString()
                .contains("lane cuda:0 was taken out of use: 3 runs in a row met a fault of the device, the last one in"
                        + " stage stage: " + GONE);
        assertThat(sites.subList(1, count)).allSatisfy(site -> {
            assertThat(site.port.isOut()).isFalse();
            assertThat(site.calls).as("requests spread over the devices").isNotEmpty();
        });
    }

    @Test
    void aDeviceThatCannotBeOpenedAgainIsTakenOutAtOnce() throws Exception {
        Dispatch<Integer, Integer> dispatch = devices(2);
        sites.get(0).failing = 1;
        sites.get(0).canBeRenewed = false;
        List<CompletableFuture<Served<Integer>>> answers = submit(dispatch, 1, 2, 3);
        runAll();

        assertThat(values(answers)).containsExactly(1, 2, 3);
        assertThat(sites.get(0).port.isOut()).isTrue();
    }

    @Test
    void faultsWithSuccessesBetweenThemTakeNoDeviceOut() throws Exception {
        Dispatch<Integer, Integer> dispatch = devices(1);
        for (int request = 0; request < 20; request++) {
            sites.get(0).failing = 2;
            List<CompletableFuture<Served<Integer>>> answers = submit(dispatch, request);
            runAll();
            assertThat(values(answers)).containsExactly(request);
        }
        assertThat(sites.get(0).port.isOut()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneRequestTakesAtMostOneDeviceOut(boolean devicesCanBeRenewed) throws Exception {
        Dispatch<Integer, Integer> dispatch = devices(3);
        sites.forEach(site -> site.canBeRenewed = devicesCanBeRenewed);
        harmful.add(7);
        CompletableFuture<Served<Integer>> failed = submit(dispatch, 7).get(0);
        runAll();
        List<CompletableFuture<Served<Integer>>> answers = submit(dispatch, 1, 2, 3, 4);
        runAll();

        assertThatThrownBy(failed::get).hasRootCauseMessage(GONE);
        assertThat(values(answers)).containsExactly(1, 2, 3, 4);
        assertThat(sites).filteredOn(site -> site.port.isOut()).hasSize(1);
    }

    private Dispatch<Integer, Integer> devices(int count) {
        for (int i = 0; i < count; i++) {
            sites.add(new Site());
        }
        for (Site site : sites) { // so that the dispatch knows how long a run takes
            Ticket ticket = new Ticket("warm-up", clock.instant(), Optional.empty(), () -> {});
            var unused = site.port.submit(0, ticket);
            site.loop.turn();
            site.calls.clear();
        }
        return new Dispatch<>(sites.stream().map(site -> site.port).toList());
    }

    /** Executes turns, a device after the other, until nothing waits. */
    private void runAll() {
        boolean ran = true;
        while (ran) {
            ran = false;
            for (Site site : sites) {
                if (site.queue.waiting() > 0) {
                    site.loop.turn();
                    ran = true;
                }
            }
        }
    }

    private List<CompletableFuture<Served<Integer>>> submit(Dispatch<Integer, Integer> dispatch, int... requests) {
        List<CompletableFuture<Served<Integer>>> answers = new ArrayList<>();
        for (int request : requests) {
            Ticket ticket = new Ticket(request, clock.instant(), Optional.empty(), () -> {});
            answers.add(dispatch.submit(request, ticket).toCompletableFuture());
        }
        return answers;
    }

    private static List<Integer> values(List<CompletableFuture<Served<Integer>>> answers) throws Exception {
        List<Integer> values = new ArrayList<>();
        for (CompletableFuture<Served<Integer>> answer : answers) {
            assertThat(answer).isDone();
            values.add(answer.get().value());
        }
        return values;
    }
}
