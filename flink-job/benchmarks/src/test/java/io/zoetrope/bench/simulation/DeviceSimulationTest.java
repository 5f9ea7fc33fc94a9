package io.zoetrope.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.zoetrope.bench.statistics.Summary;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeviceSimulationTest {
    private static final Duration SERVICE = Duration.ofMillis(10);
    private static final DeviceTimes ONE_BY_ONE = new DeviceTimes(Duration.ZERO, SERVICE, 1);

    /** M/D/1: the mean time in the system is D + rho D / (2 (1 - rho)). */
    @Test
    void oneDeviceWithoutBatchesIsAnMD1Queue() {
        for (double load : new double[] {0.5, 0.8}) {
            long[] arrivals = Arrivals.poisson(load * ONE_BY_ONE.capacity(), 400_000, 7);
            double service = SERVICE.toNanos();
            assertThat(Summary.mean(DeviceSimulation.latencies(arrivals, 1, ONE_BY_ONE)))
                    .isCloseTo(service + load * service / (2 * (1 - load)), withinPercentage(2));
        }
    }

    @Test
    void aSingleRequestTakesTheTimeOfABatchOfOne() {
        DeviceTimes times = new DeviceTimes(Duration.ofMillis(20), Duration.ofMillis(5), 8);
        assertThat(DeviceSimulation.latencies(new long[] {3}, 4, times)).containsExactly(25_000_000);
    }

    @Test
    void waitingRequestsShareTheNextBatch() {
        DeviceTimes times = new DeviceTimes(Duration.ofNanos(10), Duration.ofNanos(1), 2);
        // The first request runs alone until 11, the next two share a batch until 23, and the last runs until 34.
        assertThat(DeviceSimulation.latencies(new long[] {0, 1, 2, 3}, 1, times))
                .containsExactly(11, 22, 21, 31);
    }

    @Test
    void devicesWorkSideBySide() {
        assertThat(DeviceSimulation.latencies(new long[] {0, 0}, 2, ONE_BY_ONE))
                .containsExactly(SERVICE.toNanos(), SERVICE.toNanos());
    }

    @Test
    void poissonArrivalsHaveTheGivenRate() {
        long[] arrivals = Arrivals.poisson(100, 100_000, 3);
        assertThat(arrivals).isSorted();
        assertThat(arrivals[arrivals.length - 1] / 1e9).isCloseTo(1000, withinPercentage(1));
        assertThat(arrivals).isEqualTo(Arrivals.poisson(100, 100_000, 3));
    }
}
