package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import io.zoetrope.bundle.GraphFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A graph's bindings that no run is using, of the shapes seen last. A run takes one out and puts it back, so that no two
 * runs share one, however many threads there are.
 */
final class Bindings implements AutoCloseable {
    /** A stage sees a few batch sizes and lengths again and again. */
    private static final int MOST_IDLE = 8;

    private final GraphFile terms;
    /** The last used first. */
    private final Deque<Binding> idle = new ArrayDeque<>();

    Bindings(GraphFile terms) {
        this.terms = terms;
    }

    Binding take(int batch, int length) throws OrtException {
        synchronized (idle) {
            for (Iterator<Binding> each = idle.iterator(); each.hasNext(); ) {
                Binding binding = each.next();
                if (binding.fits(batch, length)) {
                    each.remove();
                    return binding;
                }
            }
        }
        return Binding.create(terms, batch, length);
    }

    void putBack(Binding binding) {
        synchronized (idle) {
            idle.addFirst(binding);
            if (idle.size() > MOST_IDLE) {
                idle.removeLast().close();
            }
        }
    }

    /** Frees those that are idle. */
    @Override
    public void close() {
        synchronized (idle) {
            idle.forEach(Binding::close);
            idle.clear();
        }
    }
}
