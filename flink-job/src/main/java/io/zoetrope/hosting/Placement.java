package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which devices each stage runs on. Stages on one device take turns; on different ones they overlap.
 *
 * @param text those of the text encoder, at least one
 * @param generate those of the generator and of the image encoder, at least one
 * @param decode those of the decoder, at least one
 */
public record Placement(List<Device> text, List<Device> generate, List<Device> decode) {
    /** All devices, each once. */
    public Set<Device> devices() {
        Set<Device> devices = new LinkedHashSet<>(generate);
        devices.addAll(text);
        devices.addAll(decode);
        return devices;
    }
}
