package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.Device;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaneOptionsTest {
    @ParameterizedTest
    @CsvSource({"1, 8", "2, 4", "3, 2", "8, 1", "16, 1", "0, 1"})
    void lanesOfACpuFillItsCores(int threads, int lanes) {
        assertThat(options(0, threads).lanes(Device.CPU, 8)).isEqualTo(lanes);
    }

    @Test
    void cpuLanesOptionSetsTheNumberOfLanes() {
        assertThat(options(5, 1).lanes(Device.CPU, 8)).isEqualTo(5);
        assertThat(options(5, 0).lanes(Device.CPU, 8)).isEqualTo(5);
    }

    @Test
    void aGpuHasOneLane() {
        assertThat(options(5, 1).lanes(Device.cuda(0), 8)).isEqualTo(1);
    }

    @Test
    void sessionOfSeveralLanesHasTheThreadsOfAll() {
        assertThat(options(0, 1).sessionThreads(8)).isEqualTo(1);
        assertThat(options(0, 4).sessionThreads(1)).isEqualTo(4);
        assertThat(2 + options(0, 4).sessionThreads(2) - 1)
                .as("threads of two lanes and of their session")
                .isEqualTo(8);
        assertThat(options(0, 0).sessionThreads(2))
                .as("threads, where 0 means one per core")
                .isZero();
    }

    private static LaneOptions options(int cpuLanes, int threads) {
        return new LaneOptions(cpuLanes, threads, 4, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);
    }
}
