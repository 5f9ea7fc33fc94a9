package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.device.Device;

/**
 * Where a stage is opened and what it may use there.
 *
 * @param device it runs on
 * @param threads of the CPU that its runs share; 0 for one a core
 * @param buffers that it takes memory for its results from
 */
public record StageContext(Device device, int threads, BufferPool buffers) {}
