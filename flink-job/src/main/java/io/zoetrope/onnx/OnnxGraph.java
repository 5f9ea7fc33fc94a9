package io.zoetrope.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** One loaded graph, found to be what its manifest says. The owner of an ONNX Runtime session. */
final class OnnxGraph implements AutoCloseable {
    private final OrtSession session;
    private final GraphFile terms;
    private final String stage;
    /** Runs share it, close takes it alone: a session freed under a run takes the process down. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    private OnnxGraph(OrtSession session, GraphFile terms, String stage) {
        this.session = session;
        this.terms = terms;
        this.stage = stage;
    }

    /**
     * Loads a graph.
     *
     * @param stage it serves, for failures
     * @param threads that a run may use; 0 for one a core
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     */
    static OnnxGraph open(ModelBundle bundle, GraphFile terms, String stage, int threads) {
        String file = terms.file().file();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            OrtSession session = OrtEnvironment.getEnvironment()
                    .createSession(bundle.path(terms.file()).toString(), options);
            List<String> faults = GraphSignature.faults(session, terms);
            if (!faults.isEmpty()) {
                session.close();
                throw new BundleException(
                        bundle.directory(),
                        faults.stream().map(fault -> file + ": " + fault).toList());
            }
            return new OnnxGraph(session, terms, stage);
        } catch (OrtException e) {
            throw new BundleException(
                    bundle.directory(),
                    List.of(file + ": expected a graph that ONNX Runtime loads, got " + e.getMessage()));
        }
    }

    /**
     * Runs the graph once and writes its output where the binding says.
     *
     * @throws RequestException INFERENCE_FAILED if ONNX Runtime refuses or fails
     * @throws IllegalStateException if the graph is closed
     */
    void run(List<Binding> inputs, Binding output) {
        use.readLock().lock();
        Map<String, OnnxTensor> feed = new HashMap<>();
        try {
            if (closed) {
                throw new IllegalStateException(file() + ": the graph is closed; open the bundle again");
            }
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            for (Binding input : inputs) {
                feed.put(input.name(), input.tensor(environment));
            }
            try (OnnxTensor pinned = output.tensor(environment)) {
                session.run(feed, Map.of(output.name(), pinned)).close();
            }
        } catch (OrtException e) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED,
                    stage,
                    file() + ": ONNX Runtime failed with " + e.getMessage() + "; send the prompt again",
                    e);
        } finally {
            feed.values().forEach(OnnxTensor::close);
            use.readLock().unlock();
        }
    }

    /** Refuses a batch that the graph was not made for. */
    void checkBatch(int batch) {
        if (batch < 1 || batch > terms.maxBatch()) {
            throw new IllegalArgumentException(
                    file() + ": expected a batch of 1 to " + terms.maxBatch() + ", as the manifest says, got " + batch);
        }
    }

    /** Waits for the runs in progress, then frees the session. A second call does nothing. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                session.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException(file() + ": the session cannot be freed", e);
        } finally {
            use.writeLock().unlock();
        }
    }

    private String file() {
        return terms.file().file();
    }
}
