package io.zoetrope.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesNeededTest {
    private static final int PROMPTS = 200_000;

    /** The wait with one device less is far above the limit, so a device too many or too few would be seen. */
    @ParameterizedTest
    @CsvSource({"1, 5, 10", "0.2, 6, 60", "3, 6, 5", "10, 0.5, 1", "0.01, 60, 30"})
    void aSimulationWaitsAsLongAsItSays(double perSecond, double seconds, double wait) {
        int devices = needed(perSecond, seconds, wait).devices();

        assertThat(simulatedWait(perSecond, seconds, devices)).isLessThan(1.15 * wait);
        if (devices - 1 > perSecond * seconds) {
            assertThat(simulatedWait(perSecond, seconds, devices - 1)).isGreaterThan(0.85 * wait);
        }
    }

    @Test
    void anIdleDeviceIsEnoughForFewPrompts() {
        assertThat(needed(0.001, 1, 1)).isEqualTo(new DevicesNeeded(1, 0.001));
    }

    @Test
    void aShortWaitNeedsMoreDevicesThanALongOne() {
        assertThat(needed(1, 10, 1).devices()).isGreaterThan(needed(1, 10, 100).devices());
        assertThat(needed(1, 10, 1_000_000).devices()).as("more than the load").isEqualTo(11);
    }

    @Test
    void nonsenseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> needed(0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> needed(Double.NaN, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> needed(1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> needed(1, 1, -1));
    }

    private static DevicesNeeded needed(double perSecond, double seconds, double wait) {
        return DevicesNeeded.of(perSecond, duration(seconds), duration(wait));
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    /** Returns the 99th percentile of the waits in a queue with one line for all devices. */
    private static double simulatedWait(double perSecond, double seconds, int devices) {
        Random random = new Random(7);
        PriorityQueue<Double> free = new PriorityQueue<>();
        for (int i = 0; i < devices; i++) {
            free.add(0.0);
        }
        double[] waits = new double[PROMPTS];
        double now = 0;
        for (int i = 0; i < PROMPTS; i++) {
            now += -Math.log(1 - random.nextDouble()) / perSecond;
            double start = Math.max(now, free.remove());
            free.add(start + seconds);
            waits[i] = start - now;
        }
        Arrays.sort(waits);
        return waits[PROMPTS * 99 / 100];
    }
}
