package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.device.Device;

/**
 * The resources with which a stage is opened.
 *
 * @param device the device that the stage runs on
 * @param threads the number of CPU threads that its runs share; 0 for one thread per core
 * @param buffers the pool of the memory for its results
 * @param options the options of its lanes
 */
public record StageContext(Device device, int threads, BufferPool buffers, LaneOptions options) {}
