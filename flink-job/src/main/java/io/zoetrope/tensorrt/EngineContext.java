package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an engine with the shapes of one profile. If the profile has one shape only, the second run is captured as a CUDA
 * graph, and later runs launch that: one call in place of one for each kernel. A graph holds for the addresses with which
 * it was captured.
 */
final class EngineContext {
    private static final Logger LOG = LoggerFactory.getLogger(EngineContext.class);

    /**
     * What a context is set to.
     *
     * @param shapes the shapes of the inputs
     * @param addresses the memory of inputs and outputs on the device
     * @param onHost the memory of the inputs that choose shapes
     */
    record Setup(Map<String, List<Long>> shapes, Map<String, Long> addresses, Map<String, Pinned> onHost) {
        Setup {
            shapes = Map.copyOf(shapes);
            addresses = Map.copyOf(addresses);
            onHost = Map.copyOf(onHost);
        }
    }

    /**
     * Page-locked memory, equal only to itself.
     *
     * @param memory the memory
     */
    record Pinned(ByteBuffer memory) {
        @Override
        @SuppressWarnings(
                "ReferenceEquality") // buffers are equal if their content is; here it is the memory that counts
        public boolean equals(Object other) {
            return other instanceof Pinned pinned && pinned.memory == memory;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(memory);
        }
    }

    private final GpuSession session;
    private final String file;
    private final boolean fixed;
    private final long context;
    private @Nullable Setup applied;
    private long scratchBytes;
    private long scratch;
    private OptionalLong graph = OptionalLong.empty();
    private boolean capturable = true;

    /**
     * Creates a context, for the caller to close before the engine.
     *
     * @param file the graph's file, for the log
     * @param index the index of the profile
     */
    EngineContext(GpuSession session, long engine, String file, Profile profile, int index) {
        this.session = session;
        this.file = file;
        fixed = profile.isFixed();
        context = session.libraries().tensorRt().createContext(engine, index, session.stream());
    }

    /** Enqueues a run. */
    void run(Setup setup) {
        boolean same = setup.equals(applied) && session.scratch(scratchBytes) == scratch;
        if (!same) {
            apply(setup);
            enqueue();
        } else if (graph.isPresent()) {
            session.cuda().launch(graph.getAsLong(), session.stream());
        } else if (!fixed || !capturable || !capture()) {
            enqueue();
        }
    }

    private void apply(Setup setup) {
        TensorRt tensorRt = session.libraries().tensorRt();
        dropGraph();
        applied = null; // until all of it is set
        setup.shapes().forEach((input, shape) -> tensorRt.setShape(context, input, shape));
        setup.onHost().forEach((input, pinned) -> tensorRt.setHostAddress(context, input, pinned.memory()));
        scratchBytes = tensorRt.scratchBytes(context);
        scratch = session.scratch(scratchBytes);
        tensorRt.setScratch(context, scratch, scratchBytes);
        setup.addresses().forEach((tensor, address) -> tensorRt.setAddress(context, tensor, address));
        applied = setup;
    }

    private void enqueue() {
        session.libraries().tensorRt().enqueue(context, session.stream());
    }

    /** Captures the run as a graph and launches it; returns whether that was possible. */
    private boolean capture() {
        Cuda cuda = session.cuda();
        cuda.beginCapture(session.stream());
        try {
            enqueue();
        } catch (CudaFault | TensorRtFault e) {
            return notCapturable(e);
        }
        try {
            graph = OptionalLong.of(cuda.endCapture(session.stream()));
        } catch (CudaFault e) {
            capturable = false;
            LOG.info("{}: runs without a CUDA graph: {}", file, e.getMessage());
            return false;
        }
        cuda.launch(graph.getAsLong(), session.stream());
        return true;
    }

    /** Ends a capture in which an operator needs a call that no graph can have. */
    private boolean notCapturable(RuntimeException reason) {
        capturable = false;
        LOG.info("{}: runs without a CUDA graph: {}", file, reason.getMessage());
        try {
            session.cuda().destroyGraph(session.cuda().endCapture(session.stream()));
        } catch (CudaFault e) {
            LOG.debug("{}: the capture ended with {}", file, e.getMessage());
        }
        return false;
    }

    private void dropGraph() {
        OptionalLong old = graph;
        graph = OptionalLong.empty();
        if (old.isPresent()) {
            session.cuda().destroyGraph(old.getAsLong());
        }
    }

    /** Frees graph and context; no run is in progress. */
    void close(Closing closing) {
        closing.then(this::dropGraph).then(() -> session.libraries().tensorRt().destroyContext(context));
    }
}
