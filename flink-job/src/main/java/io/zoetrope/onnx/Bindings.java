package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import io.zoetrope.bundle.GraphFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A graph's bindings that no run is using, of the shapes seen last: as many as fit into a number of bytes, for a small
 * model sees many shapes, and one at least, for a large one sees few. A run takes one out and puts it back, so that no two
 * runs share one, however many threads there are.
 */
final class Bindings implements AutoCloseable {
    private final GraphFile spec;
    /** The last used first. */
    private final Deque<Binding> idle = new ArrayDeque<>();

    private long idleBytes;

    Bindings(GraphFile spec) {
        this.spec = spec;
    }

    Binding take(int batch, int length) throws OrtException {
        synchronized (idle) {
            for (Iterator<Binding> each = idle.iterator(); each.hasNext(); ) {
                Binding binding = each.next();
                if (binding.fits(batch, length)) {
                    each.remove();
                    idleBytes -= binding.inputBytes();
                    return binding;
                }
            }
        }
        return Binding.create(spec, batch, length);
    }

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

    /** Bytes of those that no run is using. */
    long idleBytes() {
        synchronized (idle) {
            return idleBytes;
        }
    }

    /** Frees those that are idle. */
    @Override
    public void close() {
        synchronized (idle) {
            idle.forEach(Binding::close);
            idle.clear();
            idleBytes = 0;
        }
    }
}
