package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceChoice;
import io.zoetrope.device.DeviceSource;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The operator's choice of devices for each stage.
 *
 * @param text the text encoder's devices
 * @param generate the generator's devices
 * @param decode the decoder's devices
 */
public record PlacementChoice(DeviceChoice text, DeviceChoice generate, DeviceChoice decode) implements Serializable {
    /** Returns the placement in a process that has the given devices. */
    public Placement in(DeviceSource process) {
        return new Placement(text.in(process), generate.in(process), decode.in(process));
    }

    /**
     * Returns whether a process may run a stage on its CPU. {@code auto} counts as such, because the process may have
     * no GPU; that is unknown before it starts.
     */
    public boolean mayUseCpu() {
        return Stream.of(text, generate, decode)
                .anyMatch(choice ->
                        choice.equals(DeviceChoice.AUTO) || choice.named().contains(Device.CPU));
    }

    /**
     * Returns the number of devices that a process uses. {@code auto} means all its GPUs, or its CPU if it has none.
     *
     * @param gpus the number of GPUs of the process
     */
    public int devices(int gpus) {
        List<DeviceChoice> choices = List.of(text, generate, decode);
        Set<Device> named = new HashSet<>();
        choices.forEach(choice -> named.addAll(choice.named()));
        return named.size() + (choices.contains(DeviceChoice.AUTO) ? Math.max(1, gpus) : 0);
    }

    @Override
    public String toString() {
        return text + ">" + generate + ">" + decode;
    }
}
