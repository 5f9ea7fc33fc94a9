package io.zoetrope.device;

import java.util.List;

/** Who hands out devices where the job runs. */
@FunctionalInterface
public interface DeviceSource {
    /** What a process may use beside its CPU; empty where nothing was handed out. */
    List<Device> devices();
}
