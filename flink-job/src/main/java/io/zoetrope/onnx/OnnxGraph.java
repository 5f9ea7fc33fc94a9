package io.zoetrope.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One loaded graph, found to be what its manifest says. The owner of an ONNX Runtime session and its input tensors. */
final class OnnxGraph implements AutoCloseable {
    private final OrtSession session;
    private final GraphFile spec;
    private final String stage;
    private final BufferPool buffers;
    private final long fileBytes;
    private final Bindings bindings;
    /** Runs share it, close takes it alone: a session freed under a run takes the process down. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    private OnnxGraph(OrtSession session, GraphFile spec, String stage, BufferPool buffers, long fileBytes) {
        this.session = session;
        this.spec = spec;
        this.stage = stage;
        this.buffers = buffers;
        this.fileBytes = fileBytes;
        bindings = new Bindings(spec);
    }

    /**
     * Loads a graph.
     *
     * @param stage it serves, for failures
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     * @throws IllegalStateException if this machine has not what it is to run on
     */
    static OnnxGraph open(ModelBundle bundle, GraphFile spec, String stage, SessionSpec how) {
        String file = spec.file().file();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(how.threads());
            // Threads that spin for the next run take the cores from the other stages and from the encoders.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            place(options, how.provider());
            OrtSession session = OrtEnvironment.getEnvironment()
                    .createSession(bundle.path(spec.file()).toString(), options);
            try {
                List<String> faults = GraphSignature.faults(session, spec);
                if (!faults.isEmpty()) {
                    throw new BundleException(
                            bundle.directory(),
                            faults.stream().map(fault -> file + ": " + fault).toList());
                }
                return new OnnxGraph(session, spec, stage, how.buffers(), fileBytes(bundle, spec));
            } catch (Throwable e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new BundleException(
                    bundle.directory(),
                    List.of(file + ": expected a graph that ONNX Runtime loads, got " + e.getMessage()));
        }
    }

    private static void place(OrtSession.SessionOptions options, ExecutionProvider provider) {
        if (provider instanceof ExecutionProvider.Cuda cuda) {
            try {
                options.addCUDA(cuda.index());
            } catch (OrtException e) {
                throw new IllegalStateException(
                        cuda + ": ONNX Runtime cannot use it here, it says: " + e.getMessage()
                                + "; put onnxruntime_gpu, CUDA 12 and cuDNN 9 on this machine, or choose the device cpu",
                        e);
            }
        }
    }

    private static long fileBytes(ModelBundle bundle, GraphFile spec) {
        return Stream.concat(Stream.of(spec.file()), spec.externalData().stream())
                .mapToLong(file -> {
                    try {
                        return Files.size(bundle.path(file));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .sum();
    }

    /** Runs a graph whose tensors have no L once; see {@link #run(int, int, Consumer)}. */
    PooledBuffer run(int batch, Consumer<Binding> fill) {
        return run(batch, 0, fill);
    }

    /**
     * Runs the graph once.
     *
     * @param batch B of its tensors
     * @param length L of its tensors
     * @param fill puts the inputs; what it does not put is as the last run of this shape left it, at first zero
     * @return the output, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if ONNX Runtime refuses or fails, OUT_OF_MEMORY if it
     *     says so
     * @throws IllegalArgumentException if the graph was not made for this batch
     * @throws IllegalStateException if the graph is closed
     */
    PooledBuffer run(int batch, int length, Consumer<Binding> fill) {
        if (batch < 1 || batch > spec.maxBatch()) {
            throw new IllegalArgumentException(
                    file() + ": expected a batch of 1 to " + spec.maxBatch() + ", as the manifest says, got " + batch);
        }
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(file() + ": the graph is closed; open the bundle again");
            }
            Binding binding = binding(batch, length);
            try {
                fill.accept(binding);
                return run(binding);
            } finally {
                bindings.putBack(binding);
            }
        } finally {
            use.readLock().unlock();
        }
    }

    private Binding binding(int batch, int length) {
        try {
            return bindings.take(batch, length);
        } catch (OrtException e) {
            throw RunFault.of(e, stage, file());
        } catch (OutOfMemoryError e) { // of direct memory, which harms nobody else
            throw RunFault.outOfMemory(e, stage, file());
        }
    }

    private PooledBuffer run(Binding binding) {
        PooledBuffer output = take(binding.outputBytes());
        boolean ran = false;
        try {
            binding.run(session, output);
            ran = true;
            return output;
        } catch (OrtException e) {
            throw RunFault.of(e, stage, file());
        } finally {
            if (!ran) {
                output.close();
            }
        }
    }

    private PooledBuffer take(int bytes) {
        try {
            return buffers.take(bytes);
        } catch (OutOfMemoryError e) {
            throw RunFault.outOfMemory(e, stage, file());
        }
    }

    /** Bytes of the graph's files: what its session holds at least, for ONNX Runtime does not tell. */
    long fileBytes() {
        return fileBytes;
    }

    /** Waits for the runs in progress, then frees the session. A second call does nothing. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                bindings.close();
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException(file() + ": the session cannot be freed", e);
        } finally {
            use.writeLock().unlock();
        }
    }

    private String file() {
        return spec.file().file();
    }
}
