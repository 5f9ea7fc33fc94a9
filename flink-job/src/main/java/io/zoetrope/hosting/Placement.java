package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The devices of each stage. Stages on the same device take turns; stages on different devices overlap.
 *
 * @param text the text encoder's devices, at least one
 * @param generate the devices of the generator and the image encoder, at least one
 * @param decode the decoder's devices, at least one
 */
public record Placement(List<Device> text, List<Device> generate, List<Device> decode) {
    /** Returns all devices, each once. */
    public Set<Device> devices() {
        Set<Device> devices = new LinkedHashSet<>(generate);
        devices.addAll(text);
        devices.addAll(decode);
        return devices;
    }
}
