package io.zoetrope.fair;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.fair.FairSimulation.Served;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private static final Duration RUN = Duration.ofMillis(200);
    private static final FairRules EQUAL = FairRules.equalShares();

    private final List<Waiting> arrivals = new ArrayList<>();

    @Test
    void aSinglePromptDoesNotWaitBehindABurstOfAnotherTenant() {
        burst("a", 5000);
        for (int i = 1; i <= 50; i++) {
            arrive("b", Duration.ofMillis(1234).multipliedBy(i));
        }

        assertThat(FairSimulation.maxLatency(run(EQUAL), "b")).isLessThanOrEqualTo(RUN.multipliedBy(2));
    }

    @Test
    void aPlantedOrderThatIgnoresTenantsMakesTheSinglePromptWaitToTheEnd() {
        burst("a", 5000);
        arrive("b", Duration.ofSeconds(1));

        List<Served> served = new FairSimulation(FairSimulation.planted(), RUN).run(arrivals);

        assertThat(FairSimulation.maxLatency(served, "b")).isGreaterThan(Duration.ofMinutes(16));
    }

    @Test
    void aTenantThatArrivesLaterDoesNotWaitUntilEarlierOnesHaveCaughtUp() {
        burst("a", 1000);
        burst("b", 1000);
        arrive("c", Duration.ofMinutes(2));

        assertThat(FairSimulation.maxLatency(run(EQUAL), "c")).isLessThanOrEqualTo(RUN.multipliedBy(2));
    }

    @Test
    void tenantsShareTheDeviceByTheirWeights() {
        burst("a", 2000);
        burst("b", 2000);
        burst("other", 2000);
        burst("another", 2000);

        Map<String, Integer> runs =
                runsOf(run(rules("a=4,b=2,*=2", "none", "none")).subList(0, 800));

        assertThat(runs.get("a")).isBetween(398, 402);
        assertThat(runs.get("b")).isBetween(198, 202);
        assertThat(runs.get("other")).isBetween(98, 102);
        assertThat(runs.get("another")).isBetween(98, 102);
    }

    @Test
    void aTenantWhoseRequestsTakeTwicePaysTwice() {
        for (int i = 0; i < 600; i++) {
            add("cheap", Duration.ZERO, Optional.empty(), 1);
            add("dear", Duration.ZERO, Optional.empty(), 2);
        }

        Map<String, Integer> runs = runsOf(run(EQUAL).subList(0, 600));

        assertThat(runs.get("cheap")).isBetween(398, 402);
        assertThat(runs.get("dear")).isBetween(198, 202);
    }

    @Test
    void withinATenantTheEarliestDeadlineIsFirst() {
        burst("a", 10);
        add("a", Duration.ZERO, Optional.of(Duration.ofSeconds(30)), 1);
        add("a", Duration.ZERO, Optional.of(Duration.ofSeconds(20)), 1);

        assertThat(run(EQUAL)).extracting(served -> served.request().offset()).startsWith(11L, 10L, 0L, 1L);
    }

    @Test
    void aNearDeadlineIsBeforeTheTurnOfOthers() {
        for (int i = 0; i < 20; i++) {
            burst("tenant-" + i, 10);
        }
        add("late", Duration.ZERO, Optional.of(Duration.ofSeconds(5)), 1);
        add("late", Duration.ZERO, Optional.of(Duration.ofSeconds(4)), 1);

        assertThat(run(EQUAL).subList(0, 2))
                .extracting(served -> served.request().tenant())
                .containsOnly("late");
    }

    @Test
    void aTenantThatGivesEveryRequestADeadlineGetsLittleMoreThanItsShare() {
        for (int i = 0; i < 1000; i++) {
            add("hurried", Duration.ZERO, Optional.of(Duration.ofSeconds(59)), 1);
        }
        burst("patient", 1000);

        Map<String, Integer> runs = runsOf(run(EQUAL).subList(0, 400));

        double ahead = FairQueue.MAY_LEAD / (RUN.toMillis() / 1000.0);
        assertThat(runs.get("hurried")).isBetween(200, (int) (200 + ahead));
        assertThat(runs.get("patient")).isGreaterThan(150);
    }

    @Test
    void aQuotaBoundsTheRequestsInFlight() {
        FairQueue queue = new FairQueue(rules("none", "a=2,*=3", "none"));
        for (int i = 0; i < 10; i++) {
            queue.add(request("a", i));
            queue.add(request("b", 100 + i));
        }

        Map<String, Integer> started = startAll(queue, 100, 0);

        assertThat(started).containsEntry("a", 2).containsEntry("b", 3);
        queue.ended("a");
        assertThat(startAll(queue, 100, 0)).containsOnly(Map.entry("a", 1));
    }

    @Test
    void onlyATenantThatHasNothingInFlightUsesTheReserve() {
        FairQueue queue = new FairQueue(EQUAL);
        for (int i = 0; i < 10; i++) {
            queue.add(request("a", i));
        }
        assertThat(startAll(queue, 4, 2)).containsOnly(Map.entry("a", 4));
        queue.add(request("b", 100));
        queue.add(request("b", 101));

        assertThat(startAll(queue, 4, 2)).containsOnly(Map.entry("b", 1));
    }

    @Test
    void requestsWhoseDeadlineHasPassedAreTakenOut() {
        FairQueue queue = new FairQueue(EQUAL);
        add("a", Duration.ZERO, Optional.of(Duration.ofSeconds(2)), 1);
        add("a", Duration.ZERO, Optional.of(Duration.ofSeconds(1)), 1);
        add("a", Duration.ZERO, Optional.empty(), 1);
        arrivals.forEach(queue::add);

        assertThat(queue.nextDeadline()).contains(FairSimulation.START.plusSeconds(1));
        assertThat(queue.takeExpired(FairSimulation.START.plusSeconds(1))).containsExactly(arrivals.get(1));
        assertThat(queue.takeExpired(FairSimulation.START.plusSeconds(9))).containsExactly(arrivals.get(0));
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void manyTenantsNeedNoMoreMemoryThanAFewAndTakeNothingFromAListedOne() {
        FairQueue queue = new FairQueue(rules("b=1", "none", "none"));
        for (int i = 0; i < 30_000; i++) {
            queue.add(request("tenant-" + i, i));
        }
        queue.add(request("b", 2_000_000));
        queue.add(request("b", 2_000_001));

        assertThat(queue.tenants()).isLessThanOrEqualTo(FairQueue.MOST_TENANTS + 3);
        Map<String, Integer> started = new HashMap<>();
        for (int i = 0; i < 4; i++) {
            started.merge(queue.poll(FairSimulation.START, 10, 0).orElseThrow().tenant(), 1, Integer::sum);
        }
        assertThat(started).containsEntry("b", 2);
    }

    @Test
    void endlesslyNewTenantsDoNotKeepAnEarlierOneFromItsTurn() {
        for (int i = 0; i < 20_000; i++) {
            arrive("new-" + i, RUN.multipliedBy(i));
        }
        arrive("b", Duration.ofSeconds(100));
        arrive("b", Duration.ofSeconds(100));
        arrive("b", Duration.ofSeconds(100));

        assertThat(FairSimulation.maxLatency(run(EQUAL), "b"))
                .isLessThan(RUN.multipliedBy(3L * FairQueue.MOST_TENANTS));
    }

    /** Whatever arrives, each request runs once, a device with work is never idle, and a small tenant is not behind. */
    @Test
    void theOrderKeepsItsPromisesForAnyArrivals() {
        for (long seed = 0; seed < 300; seed++) {
            arrivals.clear();
            Random random = new Random(seed);
            int tenants = 2 + random.nextInt(5);
            for (int i = 0; i < 400; i++) {
                String tenant = "tenant-" + random.nextInt(tenants);
                arrive(tenant, Duration.ofMillis(random.nextInt(40_000)));
            }
            for (int i = 1; i <= 5; i++) {
                arrive("small", Duration.ofSeconds(15L * i));
            }

            List<Served> served = run(EQUAL);

            assertThat(served).as("seed " + seed).doesNotHaveDuplicates().hasSize(arrivals.size());
            assertThat(FairSimulation.maxLatency(served, "small"))
                    .as("seed " + seed + ": one round of all tenants, and the run in progress")
                    .isLessThanOrEqualTo(RUN.multipliedBy(tenants + 2L));
        }
    }

    private List<Served> run(FairRules rules) {
        return new FairSimulation(FairSimulation.fair(rules, RUN), RUN).run(arrivals);
    }

    private static FairRules rules(String weights, String quotas, String limits) {
        return new FairRules(PerTenant.parse(weights), PerTenant.parse(quotas), PerTenant.parse(limits));
    }

    private void burst(String tenant, int count) {
        for (int i = 0; i < count; i++) {
            arrive(tenant, Duration.ZERO);
        }
    }

    private void arrive(String tenant, Duration at) {
        add(tenant, at, Optional.empty(), 1);
    }

    private void add(String tenant, Duration at, Optional<Duration> deadline, int passes) {
        Instant arrivedAt = FairSimulation.START.plus(at);
        arrivals.add(new Waiting(
                "request-" + arrivals.size(),
                tenant,
                arrivedAt,
                0,
                arrivals.size(),
                deadline.map(arrivedAt::plus),
                passes));
    }

    private static Waiting request(String tenant, long offset) {
        return new Waiting("request-" + offset, tenant, FairSimulation.START, 0, offset, Optional.empty(), 1);
    }

    private static Map<String, Integer> startAll(FairQueue queue, int limit, int reserve) {
        Map<String, Integer> started = new HashMap<>();
        Optional<Waiting> next = queue.poll(FairSimulation.START, limit, reserve);
        while (next.isPresent()) {
            started.merge(queue.started(next.get().tenant()), 1, Integer::sum);
            next = queue.poll(FairSimulation.START, limit, reserve);
        }
        return started;
    }

    private static Map<String, Integer> runsOf(List<Served> served) {
        Map<String, Integer> runs = new HashMap<>();
        served.forEach(one -> runs.merge(one.request().tenant(), 1, Integer::sum));
        return runs;
    }
}
