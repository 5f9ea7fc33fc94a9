package io.zoetrope.device;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The operator's choice of devices.
 *
 * @param named the devices, the same in every process; empty for the devices that a process is assigned, or its CPU if
 *     it has none
 */
public record DeviceChoice(List<Device> named) implements Serializable {
    /** The devices that a process is assigned, or its CPU if it has none. */
    public static final DeviceChoice AUTO = new DeviceChoice(List.of());

    /** Throws an {@link IllegalArgumentException} for a device that is named twice. */
    public DeviceChoice {
        named = List.copyOf(named);
        if (new HashSet<>(named).size() < named.size()) {
            throw new IllegalArgumentException("expected each device once");
        }
    }

    /**
     * Reads {@code auto}, or devices separated by commas.
     *
     * @throws IllegalArgumentException if the text is neither, or names a device twice
     */
    public static DeviceChoice parse(String text) {
        if (text.strip().equalsIgnoreCase("auto")) {
            return AUTO;
        }
        return new DeviceChoice(
                Stream.of(text.split(",", -1)).map(Device::parse).toList());
    }

    /** Returns the devices that a process uses under this choice, at least one. */
    public List<Device> in(DeviceSource process) {
        if (!named.isEmpty()) {
            return named;
        }
        List<Device> assigned = process.devices();
        return assigned.isEmpty() ? List.of(Device.CPU) : assigned;
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return named.isEmpty() ? "auto" : named.stream().map(Device::toString).collect(Collectors.joining(","));
    }
}
