package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.Device;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;
import io.zoetrope.lane.RunLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Tests the memory of a job with a small model and a large one. */
class JobMemoryTest {
    private static final long MIB = 1 << 20;
    private static final Device GPU = Device.cuda(0);
    private static final Placement ON_CPU =
            new Placement(List.of(Device.CPU), List.of(Device.CPU), List.of(Device.CPU));
    private static final Placement GENERATE_ON_GPU =
            new Placement(List.of(Device.CPU), List.of(GPU), List.of(Device.CPU));

    private final JobMemory memory = new JobMemory(
            List.of(model("small", 10 * MIB, 5 * MIB), model("large", 1000 * MIB, 300 * MIB)),
            new LaneOptions(
                    2,
                    1,
                    32,
                    Duration.ofSeconds(2),
                    Duration.ZERO,
                    new RunLimits(Duration.ofSeconds(30), Duration.ofMinutes(10))));

    /** A file that generator and decoder read, and one that the text encoder reads. */
    private static ModelMemory model(String name, long weights, long text) {
        Map<String, Long> shared = Map.of("weights", weights);
        return new ModelMemory(name, Map.of("text", text), shared, shared, 7 * MIB, 64 * MIB, MIB);
    }

    @Test
    void modelsThatFitAloneAndNotTogetherAreAFaultWithTheNumbersAndTheRemedy() {
        assertThat(memory.fault(ON_CPU, device -> OptionalLong.of(1315 * MIB))).isEmpty();
        assertThat(memory.fault(ON_CPU, device -> OptionalLong.of(1314 * MIB)))
                .contains("memory of cpu: it has 1314 MiB, the files of the models that it loads have 1315 MiB (small"
                        + " 15 MiB, large 1300 MiB); serve fewer bundles, put stages on other devices (--devices,"
                        + " --text-devices, --decode-devices), or give the process more memory");
    }

    @Test
    void eachDeviceHoldsTheStagesThatArePlacedOnIt() {
        assertThat(memory.fault(
                        GENERATE_ON_GPU, device -> OptionalLong.of(device.equals(GPU) ? 1010 * MIB : 2000 * MIB)))
                .isEmpty();
        assertThat(memory.fault(
                        GENERATE_ON_GPU, device -> OptionalLong.of(device.equals(GPU) ? 1009 * MIB : 2000 * MIB)))
                .hasValueSatisfying(fault -> assertThat(fault).startsWith("memory of cuda:0: it has 1009 MiB"));
    }

    @Test
    void anUnknownMemoryIsNoFault() {
        assertThat(memory.fault(ON_CPU, device -> OptionalLong.empty())).isEmpty();
        assertThat(memory.warning(ON_CPU, OptionalLong.empty(), 512 * MIB, 4)).isEmpty();
    }

    @Test
    void aProcessThatMayBeTooSmallIsWarnedOf() {
        long most = 1315 + 2 * (7 + 64 + 2) + 512;

        assertThat(memory.warning(ON_CPU, OptionalLong.of(most * MIB), 512 * MIB, 4))
                .isEmpty();
        assertThat(memory.warning(ON_CPU, OptionalLong.of((most - 1) * MIB), 512 * MIB, 4))
                .contains(
                        "memory of the process: it has 1972 MiB, the models need at most 1461 MiB (small 88 MiB, large"
                                + " 1373 MiB) besides working memory of the runtime, and the heap 512 MiB; if the process is"
                                + " killed, lower in-flight-bytes, batch-max or cpu-lanes; serve fewer bundles, put stages on"
                                + " other devices (--devices, --text-devices, --decode-devices), or give the process more memory");
        assertThat(memory.need(ON_CPU, 4))
                .isEqualTo(
                        "besides their sessions the models need at most 146 MiB on [cpu] (small 73 MiB, large 73 MiB),"
                                + " 14 MiB of it for requests in flight; give this process at least as much off-heap memory"
                                + " (taskmanager.memory.task.off-heap.size)");
    }

    @Test
    void theMemoryOfTheMachineIsReadAndThatOfItsLargestGpu() {
        assertThat(DeviceMemory.of(Device.CPU).orElseThrow()).isGreaterThan(64 * MIB);
        assertThat(DeviceMemory.ofLargestGpu(List.of("printf", "40960\\n81559\\n[N/A]\\n")))
                .hasValue(81559 * MIB);
        assertThat(DeviceMemory.ofLargestGpu(List.of("no-such-program"))).isEmpty();
        assertThat(DeviceMemory.ofLargestGpu(List.of("false"))).isEmpty();
    }
}
