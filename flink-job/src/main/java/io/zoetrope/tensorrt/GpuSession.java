package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all stages of a lane share on its GPU: a stream, TensorRT's runtime, the pool of the memory between stages, and
 * scratch memory. A lane runs one stage at a time, so the stages take turns on the stream and in the scratch memory.
 */
final class GpuSession {
    private static final Logger LOG = LoggerFactory.getLogger(GpuSession.class);

    private final Libraries libraries;
    private final int device;
    private final Cuda.Gpu gpu;
    private final long stream;
    private final long runtime;
    private final DevicePool memory;
    private final GrowingMemory scratch = new GrowingMemory(this);
    private final GrowingMemory staging = new GrowingMemory(this);

    private GpuSession(Libraries libraries, int device, Cuda.Gpu gpu, long stream, long runtime) {
        this.libraries = libraries;
        this.device = device;
        this.gpu = gpu;
        this.stream = stream;
        this.runtime = runtime;
        memory = new DevicePool(libraries.cuda(), device);
    }

    /**
     * Opens a session; the calling thread then uses the device.
     *
     * @throws IllegalStateException if there is no such device, or TensorRT has another version than the binding
     */
    static GpuSession open(Libraries libraries, int device) {
        libraries.requireDevice(device);
        Cuda cuda = libraries.cuda();
        cuda.use(device);
        Cuda.Gpu gpu = cuda.describe(device);
        long stream = cuda.createStream();
        try {
            return new GpuSession(
                    libraries, device, gpu, stream, libraries.tensorRt().createRuntime());
        } catch (RuntimeException e) {
            cuda.destroyStream(stream);
            throw e;
        }
    }

    Libraries libraries() {
        return libraries;
    }

    Cuda cuda() {
        return libraries.cuda();
    }

    int device() {
        return device;
    }

    Cuda.Gpu gpu() {
        return gpu;
    }

    long stream() {
        return stream;
    }

    long runtime() {
        return runtime;
    }

    /** Makes the calling thread use the device. */
    void activate() {
        cuda().use(device);
    }

    /** Waits until all work of the lane is done. */
    void synchronize() {
        cuda().synchronize(stream);
    }

    /** Waits for the work that a failed run has left, so that its memory can be used again. */
    void drain() {
        try {
            activate();
            synchronize();
        } catch (CudaFault e) { // the run's own fault again, which its caller reports
            LOG.debug("cuda:{}: work that failed ended with {}", device, e.getMessage());
        }
    }

    /** Takes memory that a stage gives to the next one. */
    DeviceFloats take(long bytes) {
        return memory.take(bytes);
    }

    long allocate(long bytes) {
        return memory.allocate(bytes);
    }

    /** Returns the address of scratch memory of at least this size. */
    long scratch(long bytes) {
        return scratch.onDevice(bytes);
    }

    /** Returns page-locked memory of at least this size, which the next call may replace. */
    ByteBuffer staging(int bytes) {
        return staging.onHost(bytes);
    }

    /** Frees everything, after the last stage was closed. */
    void close() {
        Closing closing = new Closing("session on cuda:" + device);
        closing.then(this::activate).then(this::synchronize).then(memory::close);
        scratch.close(closing);
        staging.close(closing);
        closing.then(() -> libraries.tensorRt().destroyRuntime(runtime)).then(() -> cuda().destroyStream(stream));
    }
}
