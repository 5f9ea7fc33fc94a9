package io.zoetrope;

import io.zoetrope.device.Device;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The memory that all models of a job need in a process, compared with what its devices have.
 *
 * @param models one element for each model
 * @param lane how the models run on a device
 */
record JobMemory(List<ModelMemory> models, LaneOptions lane) implements Serializable {
    private static final String REMEDY =
            "; serve fewer bundles, put stages on other devices (--devices, --text-devices,"
                    + " --decode-devices), or give the process more memory";

    JobMemory {
        models = List.copyOf(models);
    }

    /**
     * Returns the fault of models that no device of a process can hold: their files alone are larger than its memory.
     * Empty if they fit, or if the memory is unknown.
     *
     * @param memory returns the memory of a device, in bytes
     */
    Optional<String> fault(Placement placement, Function<Device, OptionalLong> memory) {
        return placement.devices().stream()
                .flatMap(device -> fault(placement, device, memory.apply(device)).stream())
                .findFirst();
    }

    private Optional<String> fault(Placement placement, Device device, OptionalLong memory) {
        long files = sum(model -> model.fileBytes(placement, device));
        return memory.isEmpty() || files <= memory.getAsLong()
                ? Optional.empty()
                : Optional.of("memory of " + device + ": it has " + mebibytes(memory.getAsLong())
                        + ", the files of the models that it loads have " + mebibytes(files) + " ("
                        + each(model -> model.fileBytes(placement, device)) + ")" + REMEDY);
    }

    /**
     * Returns the warning for a process whose memory may not be enough for the files that its CPU loads, everything
     * that the models need besides, and the heap; empty if it is enough, or unknown.
     *
     * @param memory the memory of the process, in bytes
     * @param heap the largest size of the heap, in bytes
     */
    Optional<String> warning(Placement placement, OptionalLong memory, long heap, int cores) {
        ToLongFunction<ModelMemory> most =
                model -> model.fileBytes(placement, Device.CPU) + model.workBytes(placement, lane, cores);
        return memory.isEmpty() || sum(most) + heap <= memory.getAsLong()
                ? Optional.empty()
                : Optional.of("memory of the process: it has " + mebibytes(memory.getAsLong())
                        + ", the models need at most " + mebibytes(sum(most)) + " (" + each(most)
                        + ") besides working memory of the runtime, and the heap " + mebibytes(heap)
                        + "; if the process is killed, lower in-flight-bytes, batch-max or cpu-lanes" + REMEDY);
    }

    /** Returns what the process has to have outside its heap, in words. */
    String need(Placement placement, int cores) {
        ToLongFunction<ModelMemory> work = model -> model.workBytes(placement, lane, cores);
        return "besides their sessions the models need at most " + mebibytes(sum(work)) + " on " + placement.devices()
                + " (" + each(work) + "), " + mebibytes(sum(ModelMemory::requestBytes))
                + " of it for requests in flight;"
                + " give this process at least as much off-heap memory (taskmanager.memory.task.off-heap.size)";
    }

    private long sum(ToLongFunction<ModelMemory> bytes) {
        return models.stream().mapToLong(bytes).sum();
    }

    private String each(ToLongFunction<ModelMemory> bytes) {
        return models.stream()
                .map(model -> model.model() + " " + mebibytes(bytes.applyAsLong(model)))
                .collect(Collectors.joining(", "));
    }

    private static String mebibytes(long bytes) {
        long roundedUp = bytes + (1 << 20) - 1;
        return (roundedUp >> 20) + " MiB";
    }
}
