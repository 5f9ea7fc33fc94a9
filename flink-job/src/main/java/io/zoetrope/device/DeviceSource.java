package io.zoetrope.device;

import java.util.List;

/** The source of the devices that a process may use, such as its cluster. */
@FunctionalInterface
public interface DeviceSource {
    /** Returns the devices that the process may use in addition to its CPU; empty if it is assigned none. */
    List<Device> devices();
}
