package io.zoetrope.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.failure.NativeLibraryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A loaded graph that matches its manifest. It owns an ONNX Runtime session and its input tensors. */
final class OnnxGraph implements AutoCloseable {
    private final OrtSession session;
    private final GraphFile spec;
    private final String stage;
    private final BufferPool buffers;
    private final long fileBytes;
    private final Bindings bindings;
    private final RunsInProgress runs = new RunsInProgress();
    /** The lock that runs share and close takes exclusively: freeing a session during a run crashes the process. */
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
     * @param stage the stage that the graph belongs to, for failures
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     * @throws NativeLibraryException if ONNX Runtime cannot be loaded on this machine
     */
    static OnnxGraph open(ModelBundle bundle, GraphFile spec, String stage, SessionSpec sessionSpec) {
        String file = spec.file().file();
        OnnxNatives.unpack();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(sessionSpec.threads());
            // Threads that spin while they wait for the next run would take the cores from the other stages and the
            // video encoders.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            if (sessionSpec.provider() instanceof ExecutionProvider.Gpu gpu) {
                GpuProviders.add(options, gpu, bundle, spec);
            }
            OrtSession session = OrtEnvironment.getEnvironment()
                    .createSession(bundle.path(spec.file()).toString(), options);
            try {
                List<String> faults = GraphSignature.faults(session, spec);
                if (!faults.isEmpty()) {
                    throw new BundleException(
                            bundle.directory(),
                            faults.stream().map(fault -> file + ": " + fault).toList());
                }
                return new OnnxGraph(session, spec, stage, sessionSpec.buffers(), fileBytes(bundle, spec));
            } catch (Throwable e) {
                session.close();
                throw e;
            }
        } catch (LinkageError e) {
            throw new NativeLibraryException("ONNX Runtime", e);
        } catch (OrtException e) {
            throw notLoaded(e, bundle, file, sessionSpec.provider());
        }
    }

    /**
     * Returns the exception for a graph that cannot be loaded. On a GPU that is out of memory, missing or broken, the
     * bundle is not at fault.
     */
    private static RuntimeException notLoaded(
            OrtException e, ModelBundle bundle, String file, ExecutionProvider provider) {
        if (provider instanceof ExecutionProvider.Gpu gpu && (RunFault.isOfDevice(e) || RunFault.isNoMemory(e))) {
            return new IllegalStateException(file + ": " + GpuProviders.unusable(gpu, e), e);
        }
        return new BundleException(
                bundle.directory(),
                List.of(file + ": expected a graph that ONNX Runtime loads, got " + OrtMessage.of(e)));
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

    /**
     * Runs the graph once.
     *
     * @param axes the sizes of the axes that vary
     * @param fill writes the inputs; an input that it does not write keeps the values of the previous run of this
     *     shape, at first zeros
     * @return the output, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if ONNX Runtime reports an error or the output
     *     has a number that is not finite, OUT_OF_MEMORY if that error is a lack of memory
     * @throws IllegalArgumentException if the batch size is not one that the graph supports
     * @throws IllegalStateException if the graph is closed
     */
    PooledBuffer run(Axes axes, Consumer<Binding> fill) {
        int batch = axes.batch();
        if (batch < 1 || batch > spec.maxBatch()) {
            throw new IllegalArgumentException(
                    file() + ": expected a batch of 1 to " + spec.maxBatch() + ", as the manifest says, got " + batch);
        }
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(file() + ": the graph is closed; open the bundle again");
            }
            Binding binding = binding(axes);
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

    private Binding binding(Axes axes) {
        try {
            return bindings.take(axes);
        } catch (OrtException e) {
            throw RunFault.of(e, stage, file());
        } catch (ArithmeticException e) { // A tensor of this batch is larger than a buffer can be.
            throw RunFault.outOfMemory(e, stage, file());
        } catch (OutOfMemoryError e) { // Only direct memory is exhausted, so the rest of the process can continue.
            throw RunFault.outOfMemory(e, stage, file());
        }
    }

    private PooledBuffer run(Binding binding) {
        PooledBuffer output = takeMemory(binding.outputBytes());
        boolean ran = false;
        try (RunsInProgress.Run inProgress = runs.begin()) {
            binding.run(session, output, inProgress.options());
            Map.Entry<String, TensorSpec> tensor = spec.output();
            if (tensor.getValue().dtype() == DataType.FLOAT32) {
                FiniteNumbers.require(output, tensor.getKey(), stage, file());
            }
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

    /** Makes the run of a thread fail soon; does nothing if it has none. */
    void endRun(Thread runner) {
        runs.end(runner);
    }

    private PooledBuffer takeMemory(int bytes) {
        try {
            return buffers.take(bytes);
        } catch (OutOfMemoryError e) {
            throw RunFault.outOfMemory(e, stage, file());
        }
    }

    /**
     * Returns the bytes of the graph's files. A session holds at least this much memory; ONNX Runtime does not report
     * it.
     */
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
