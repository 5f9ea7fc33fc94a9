package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The calls of TensorRT that the stages need. Handles are native pointers. A call acts on the device that the calling
 * thread uses. Every method throws a {@link TensorRtFault} if TensorRT reports a failure; its own words are in the
 * {@link TensorRtLog} that this was created with.
 */
interface TensorRt {
    /**
     * What an engine is built from.
     *
     * @param file the ONNX file
     * @param precision the precision of its arithmetic
     * @param scratchBytes the largest scratch memory of a layer; 0 for no limit
     * @param profiles the shapes that it accepts; empty for a graph whose inputs have one shape
     */
    record EngineRequest(Path file, EnginePrecision precision, long scratchBytes, List<Profile> profiles) {
        public EngineRequest {
            profiles = List.copyOf(profiles);
        }
    }

    /** A serialized engine in memory of the host, which may be larger than a Java buffer can be. */
    interface Plan extends AutoCloseable {
        long bytes();

        /** Fills a buffer with bytes from an offset. */
        void read(long offset, ByteBuffer target);

        /** Replaces bytes from an offset by those of a buffer. */
        void write(long offset, ByteBuffer source);

        @Override
        void close();
    }

    /** Returns the version of the loaded library, as 10 000 major + 100 minor + patch. */
    int version();

    /**
     * Reads an ONNX file and builds an engine for the device, which may take minutes.
     *
     * @return the engine, for the caller to close
     * @throws UnreadableGraphException if TensorRT cannot read the file
     */
    Plan build(EngineRequest request);

    /** Returns memory for a serialized engine, for the caller to fill and to close. */
    Plan allocatePlan(long bytes);

    /** Creates a runtime, for the caller to destroy after its engines. */
    long createRuntime();

    void destroyRuntime(long runtime);

    /** Loads an engine, for the caller to destroy after its contexts. The plan is not used afterwards. */
    long deserialize(long runtime, Plan plan);

    void destroyEngine(long engine);

    /** Returns the inputs and outputs of an engine, each as {@code input latents float32}; sorted. */
    List<String> tensors(long engine);

    /**
     * Creates a context without scratch memory, for the caller to destroy.
     *
     * @param profile the index of the profile whose shapes it runs
     */
    long createContext(long engine, int profile, long stream);

    void destroyContext(long context);

    void setShape(long context, String input, List<Long> shape);

    /** Returns the scratch memory that a run of the shapes that were set needs, in bytes. */
    long scratchBytes(long context);

    void setScratch(long context, long address, long bytes);

    /** Sets the memory of an input or output. */
    void setAddress(long context, String tensor, long address);

    /** Sets the memory of an input that chooses a shape. TensorRT reads it on the host when work is enqueued. */
    void setHostAddress(long context, String tensor, ByteBuffer pinned);

    /** Runs the context's shapes on the memory that was set. */
    void enqueue(long context, long stream);
}
