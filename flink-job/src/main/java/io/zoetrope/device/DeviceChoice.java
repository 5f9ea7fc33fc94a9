package io.zoetrope.device;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which devices an operator wants.
 *
 * @param named these, the same in every process; none for whatever a process is offered, or else its CPU
 */
public record DeviceChoice(List<Device> named) implements Serializable {
    /** What a process is offered, or else its CPU. */
    public static final DeviceChoice AUTO = new DeviceChoice(List.of());

    /** Refuses with an {@link IllegalArgumentException} a device that is named twice. */
    public DeviceChoice {
        named = List.copyOf(named);
        if (new HashSet<>(named).size() < named.size()) {
            throw new IllegalArgumentException("expected each device once");
        }
    }

    /**
     * Reads {@code auto}, or devices separated by commas.
     *
     * @throws IllegalArgumentException where the text is neither, or names a device twice
     */
    public static DeviceChoice parse(String text) {
        if (text.strip().equalsIgnoreCase("auto")) {
            return AUTO;
        }
        return new DeviceChoice(
                Stream.of(text.split(",", -1)).map(Device::parse).toList());
    }

    /** The devices of a process, at least one. */
    public List<Device> in(DeviceSource process) {
        if (!named.isEmpty()) {
            return named;
        }
        List<Device> offered = process.devices();
        return offered.isEmpty() ? List.of(Device.CPU) : offered;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return named.isEmpty() ? "auto" : named.stream().map(Device::toString).collect(Collectors.joining(","));
    }
}
