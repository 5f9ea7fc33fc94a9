package io.zoetrope;

import com.sun.management.OperatingSystemMXBean;
import io.zoetrope.device.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Reads how much memory the devices of this machine have. */
final class DeviceMemory {
    private static final List<String> GPUS =
            List.of("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits");
    private static final int LONGEST_SECONDS = 10;

    private DeviceMemory() {}

    /**
     * Returns the memory of a device in bytes: of the CPU, what this machine or container has; of a GPU, what the
     * largest GPU of the machine has, because CUDA may number them in another order. Empty if it is unknown.
     */
    static OptionalLong of(Device device) {
        return switch (device.kind()) {
            case CPU ->
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                        ? OptionalLong.of(system.getTotalMemorySize())
                        : OptionalLong.empty();
            case CUDA -> ofLargestGpu(GPUS);
        };
    }

    /** Runs a command that prints the mebibytes of each GPU in a line of its own; returns the largest in bytes. */
    static OptionalLong ofLargestGpu(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return OptionalLong.empty();
            }
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                return mebibytes(lines.lines()).max();
            }
        } catch (IOException e) {
            return OptionalLong.empty(); // there is no NVIDIA driver here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private static LongStream mebibytes(Stream<String> lines) {
        return lines.map(String::strip)
                .filter(line -> line.matches("\\d{1,9}"))
                .mapToLong(line -> Long.parseLong(line) << 20);
    }
}
