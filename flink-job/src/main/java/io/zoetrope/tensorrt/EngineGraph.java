package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A graph of a bundle as an engine on a lane's GPU. A run ends with a wait for the device, so that its time, its faults
 * and its memory are its own. Runs and the close exclude each other.
 */
final class EngineGraph implements AutoCloseable {
    private final GpuSessions.Lease lease;
    private final GpuSession session;
    private final GraphFile graph;
    private final String stage;
    private final BufferPool buffers;
    private final Profiles profiles;
    private final EngineLoader.Loaded engine;
    private final EngineInputs inputs;
    private final GrowingMemory output;
    private final Map<Integer, EngineContext> contexts = new HashMap<>();
    private boolean closed;

    private EngineGraph(
            GpuSessions.Lease lease,
            GraphFile graph,
            String stage,
            BufferPool buffers,
            Profiles profiles,
            EngineLoader.Loaded engine) {
        this.lease = lease;
        this.graph = graph;
        this.stage = stage;
        this.buffers = buffers;
        this.profiles = profiles;
        this.engine = engine;
        session = lease.session();
        inputs = new EngineInputs(
                session,
                graph,
                graph.inputs().containsKey(Profile.LATENT_FRAMES) ? Set.of(Profile.LATENT_FRAMES) : Set.of());
        output = new GrowingMemory(session);
    }

    /**
     * Opens a graph on the calling thread's lane; builds its engine, which may take minutes, unless it is stored.
     *
     * @param stage the stage that the graph belongs to, for failures
     * @throws BundleException if TensorRT cannot read the graph, or it differs from the manifest
     * @throws IllegalStateException if this process cannot use the GPU, or the GPU has too little memory
     */
    static EngineGraph open(ModelBundle bundle, GraphFile graph, String stage, EngineSpec spec) {
        TensorRtLog log = spec.process().libraries().log();
        long mark = log.mark();
        try {
            GpuSessions.Lease lease = spec.process().sessions().lease(spec.device());
            try {
                Profiles profiles = Profiles.of(graph, bundle.manifest(), spec.batchMax());
                EngineLoader.Loaded engine = new EngineLoader(spec, lease.session(), bundle, graph, profiles).load();
                return new EngineGraph(lease, graph, stage, spec.buffers(), profiles, engine);
            } catch (RuntimeException e) {
                lease.close();
                throw e;
            }
        } catch (CudaFault | TensorRtFault e) {
            throw new Faults(log).ofOpening(e, graph.file().file(), spec.device(), mark);
        }
    }

    GpuSession session() {
        return session;
    }

    /** Returns the size of the engine, which the GPU holds at least. */
    long bytes() {
        return engine.bytes();
    }

    /**
     * Runs the graph, and copies its output to the host.
     *
     * @param axes the sizes of the axes that vary
     * @param fill writes every input
     * @return the output, for the caller to close
     * @throws RequestException INFERENCE_FAILED if the run fails or the output has a number that is not finite,
     *     OUT_OF_MEMORY if there is too little memory
     * @throws IllegalArgumentException if no profile has these shapes
     * @throws IllegalStateException if the graph is closed
     */
    PooledBuffer toHost(Axes axes, Consumer<EngineInputs> fill) {
        return run(() -> {
            long address = enqueue(axes, fill);
            int bytes = outputBytes(axes);
            ByteBuffer pinned = output.onHost(bytes);
            session.cuda().download(pinned, address, bytes, session.stream());
            session.synchronize();
            PooledBuffer memory = buffers.take(bytes);
            memory.bytes().put(0, pinned, 0, bytes);
            return memory;
        });
    }

    /** Runs the graph, and leaves its float32 output on the device; see {@link #toHost}. */
    DeviceFloats toDevice(Axes axes, Consumer<EngineInputs> fill) {
        return run(() -> {
            long address = enqueue(axes, fill);
            int bytes = outputBytes(axes);
            DeviceFloats memory = session.take(bytes);
            try {
                session.cuda().copy(memory.address(), address, bytes, session.stream());
                session.synchronize();
                return memory;
            } catch (RuntimeException e) {
                memory.close();
                throw e;
            }
        });
    }

    /** Runs the graph, and adds a multiple of its float32 output to numbers on the device; see {@link #toHost}. */
    void addTo(DeviceFloats numbers, float factor, Axes axes, Consumer<EngineInputs> fill) {
        run(() -> {
            long address = enqueue(axes, fill);
            session.cuda().addScaled(numbers.address(), address, numbers.count(), factor, session.stream());
            session.synchronize();
            return true;
        });
    }

    /**
     * Does work on the lane's stream that ends with a wait for the device.
     *
     * @throws RequestException INFERENCE_FAILED if the device fails, OUT_OF_MEMORY if there is too little memory
     */
    synchronized <T> T run(Supplier<T> work) {
        if (closed) {
            throw new IllegalStateException(file() + ": the graph is closed; open the bundle again");
        }
        TensorRtLog log = session.libraries().log();
        long mark = log.mark();
        boolean done = false;
        try {
            session.activate();
            T result = work.get();
            done = true;
            return result;
        } catch (CudaFault | TensorRtFault e) {
            throw new Faults(log).ofRun(e, stage, file(), mark);
        } finally {
            if (!done) {
                session.drain();
            }
        }
    }

    /** Enqueues a run and returns the address of its output, which holds until the next run. */
    private long enqueue(Axes axes, Consumer<EngineInputs> fill) {
        int index = profiles.indexFor(axes);
        inputs.start(axes);
        long address = output.onDevice(outputBytes(axes));
        fill.accept(inputs);
        session.activate(); // numbers of another GPU that were read made the thread use that one
        inputs.upload();
        contexts.computeIfAbsent(
                        index,
                        key -> new EngineContext(
                                session, engine.handle(), file(), profiles.all().get(key), key))
                .run(inputs.setup(graph.output().getKey(), address));
        requireFinite(axes, address);
        return address;
    }

    private void requireFinite(Axes axes, long address) {
        TensorSpec tensor = graph.output().getValue();
        if (tensor.dtype() != DataType.FLOAT32) {
            return;
        }
        long count = tensor.bytes(axes) / Float.BYTES;
        float sum = session.cuda().sumOfMagnitudes(address, count, session.stream());
        if (!Float.isFinite(sum)) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED,
                    stage,
                    file() + ": expected finite numbers in " + graph.output().getKey()
                            + ", the sum of their magnitudes is " + sum
                            + "; send another prompt or seed, and if others fail too, export the bundle again");
        }
    }

    private int outputBytes(Axes axes) {
        return Math.toIntExact(graph.output().getValue().bytes(axes));
    }

    private String file() {
        return graph.file().file();
    }

    /** Frees graphs, contexts, engine and memory in this order, then ends the hold on the session. Again does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        Closing closing = new Closing(file());
        closing.then(session::activate).then(session::synchronize);
        contexts.values().forEach(context -> context.close(closing));
        closing.then(() -> session.libraries().tensorRt().destroyEngine(engine.handle()));
        inputs.close(closing);
        output.close(closing);
        lease.close();
    }
}
