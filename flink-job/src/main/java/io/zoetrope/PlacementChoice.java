package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
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
    static PlacementChoice of(JobConfig config) {
        DeviceChoice devices = config.get(JobOptions.DEVICES);
        return new PlacementChoice(
                config.get(JobOptions.TEXT_DEVICES).orElse(devices),
                devices,
                config.get(JobOptions.DECODE_DEVICES).orElse(devices));
    }

    /** The devices of a process. */
    Placement in(DeviceSource process) {
        return new Placement(text.in(process), generate.in(process), decode.in(process));
    }

    /** Whether a process may use its CPU, as far as can be told beforehand. */
    boolean mayUseCpu() {
        return Stream.of(text, generate, decode)
                .anyMatch(choice ->
                        choice.equals(DeviceChoice.AUTO) || choice.named().contains(Device.CPU));
    }

    /** How many devices a process uses that is offered so many GPUs; offered none, it takes its CPU. */
    int devices(int gpus) {
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
