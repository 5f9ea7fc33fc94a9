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
 * Where an operator wants each stage.
 *
 * @param text the text encoder
 * @param generate the generator
 * @param decode the decoder
 */
public record PlacementChoice(DeviceChoice text, DeviceChoice generate, DeviceChoice decode) implements Serializable {
    /** The devices of a process. */
    public Placement in(DeviceSource process) {
        return new Placement(text.in(process), generate.in(process), decode.in(process));
    }

    /** Whether a process may use its CPU, as far as can be told beforehand. */
    public boolean mayUseCpu() {
        return Stream.of(text, generate, decode)
                .anyMatch(choice ->
                        choice.equals(DeviceChoice.AUTO) || choice.named().contains(Device.CPU));
    }

    /** How many devices a process uses that is offered so many GPUs; offered none, it takes its CPU. */
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
