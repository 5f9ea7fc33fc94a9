package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.GraphFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A cache of a graph's idle bindings, for the most recently used shapes. Its size is bounded in bytes, because a small
 * model runs with many shapes; it keeps at least one binding, because a large model runs with few. A run takes a
 * binding out and puts it back, so that no two threads use the same binding.
 */
final class Bindings implements AutoCloseable {
    private final GraphFile spec;
    /** The idle bindings, the last used first. */
    private final Deque<Binding> idle = new ArrayDeque<>();

    private long idleBytes;

    Bindings(GraphFile spec) {
        this.spec = spec;
    }

    /** Takes an idle binding of this shape, or creates one. */
    Binding take(Axes axes) throws OrtException {
        synchronized (idle) {
            for (Iterator<Binding> bindings = idle.iterator(); bindings.hasNext(); ) {
                Binding binding = bindings.next();
                if (binding.fits(axes)) {
                    bindings.remove();
                    idleBytes -= binding.inputBytes();
                    return binding;
                }
            }
        }
        return Binding.create(spec, axes);
    }

    /** Returns a binding to the cache. Beyond the bound, frees the bindings that were idle longest. */
    void putBack(Binding binding) {
        synchronized (idle) {
            idle.addFirst(binding);
            idleBytes += binding.inputBytes();
            while (idleBytes > SessionSpec.MAX_IDLE_INPUT_BYTES && idle.size() > 1) {
                Binding oldest = idle.removeLast();
                idleBytes -= oldest.inputBytes();
                oldest.close();
            }
        }
    }

    /** Returns the bytes of the idle bindings. */
    long idleBytes() {
        synchronized (idle) {
            return idleBytes;
        }
    }

    /** Frees the idle bindings. */
    @Override
    public void close() {
        synchronized (idle) {
            idle.forEach(Binding::close);
            idle.clear();
            idleBytes = 0;
        }
    }
}
