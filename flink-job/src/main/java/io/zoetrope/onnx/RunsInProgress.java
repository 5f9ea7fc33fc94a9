package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.Map;

/**
 * The options of a graph's runs in progress, by thread, through which another thread can end a run. Holds its monitor
 * while it uses native options, so that none is used after it was freed.
 */
final class RunsInProgress {
    private final Map<Thread, OrtSession.RunOptions> options = new HashMap<>();

    /** A run of the current thread. */
    final class Run implements AutoCloseable {
        private final OrtSession.RunOptions own;

        private Run(OrtSession.RunOptions own) {
            this.own = own;
        }

        OrtSession.RunOptions options() {
            return own;
        }

        /** Forgets the run and frees its options. */
        @Override
        public void close() {
            synchronized (options) {
                options.remove(Thread.currentThread());
                own.close();
            }
        }
    }

    /** Begins a run of the current thread. */
    Run begin() throws OrtException {
        OrtSession.RunOptions own = new OrtSession.RunOptions();
        synchronized (options) {
            options.put(Thread.currentThread(), own);
        }
        return new Run(own);
    }

    /** Makes the run of a thread fail soon; does nothing if it has none. */
    void end(Thread runner) {
        synchronized (options) {
            OrtSession.RunOptions running = options.get(runner);
            if (running == null) {
                return;
            }
            try {
                running.setTerminate(true);
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime cannot end a run", e);
            }
        }
    }
}
