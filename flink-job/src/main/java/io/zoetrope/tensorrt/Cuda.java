package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;

/**
 * The calls of CUDA and cuBLAS that the stages need. Addresses and handles are native pointers.
 *
 * <p>A call acts on the device that the calling thread uses. A call with a stream returns before its work is done, and
 * works in the order of the stream; until {@link #synchronize}, none of its memory may be freed, nor its host memory
 * read or written. Every method throws a {@link CudaFault} if CUDA reports an error, which may be that of earlier work.
 */
interface Cuda {
    /**
     * A GPU.
     *
     * @param name its product name
     * @param major the major number of its compute capability
     * @param minor the minor number of its compute capability
     */
    record Gpu(String name, int major, int minor) {
        /** Returns name and compute capability: {@code NVIDIA H100 80GB HBM3, compute capability 9.0}. */
        @Override
        public String toString() {
            return name + ", compute capability " + major + "." + minor;
        }
    }

    /** Returns the number of GPUs of this process. */
    int deviceCount();

    Gpu describe(int device);

    /** Makes the calling thread use a device. */
    void use(int device);

    /** Creates a stream, for the caller to destroy. */
    long createStream();

    /** Destroys a stream without work. */
    void destroyStream(long stream);

    /** Waits until all work of a stream is done. */
    void synchronize(long stream);

    /** Allocates memory of the device, for the caller to free. */
    long allocate(long bytes);

    void free(long address);

    /** Allocates page-locked memory of the host in native byte order, for the caller to free. */
    ByteBuffer allocatePinned(int bytes);

    void freePinned(ByteBuffer pinned);

    /** Copies the first bytes of page-locked memory to the device. */
    void upload(long target, ByteBuffer pinned, long bytes, long stream);

    /** Copies memory of the device to the first bytes of page-locked memory. */
    void download(ByteBuffer pinned, long source, long bytes, long stream);

    /** Copies memory of the device. */
    void copy(long target, long source, long bytes, long stream);

    /** Multiplies float32 numbers by a factor. */
    void scale(long numbers, long count, float factor, long stream);

    /** Adds {@code factor} times other float32 numbers to float32 numbers. */
    void addScaled(long numbers, long others, long count, float factor, long stream);

    /** Waits for the stream, and returns the sum of the magnitudes of float32 numbers: not finite if one of them is not. */
    float sumOfMagnitudes(long numbers, long count, long stream);

    /** Makes the next work of a stream a part of a graph, instead of doing it. */
    void beginCapture(long stream);

    /** Ends a capture, and returns the graph, for the caller to destroy. */
    long endCapture(long stream);

    /** Does the work of a graph. */
    void launch(long graph, long stream);

    void destroyGraph(long graph);
}
