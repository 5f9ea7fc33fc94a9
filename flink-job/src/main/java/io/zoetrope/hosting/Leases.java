package io.zoetrope.hosting;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares costly things, each known by a key: the first lease opens one, the last to be closed closes it. One key's
 * opening and closing happen one after the other, so that a thing is never there twice; other keys do not wait for it.
 */
public final class Leases<K, V> {
    /** How one thing is opened. */
    @FunctionalInterface
    public interface Opener<V> {
        /**
         * Opens it.
         *
         * @throws Exception if it cannot be opened
         */
        V open() throws Exception;
    }

    /** Guards itself and every {@code holders}. Taken inside a {@link Shared}'s monitor, never around it. */
    private final Map<K, Shared> open = new HashMap<>();

    private final Consumer<? super V> closer;

    /** Shares things that {@code closer} can close. */
    public Leases(Consumer<? super V> closer) {
        this.closer = closer;
    }

    /**
     * A hold on the thing of a key; opened unless it is. Waits while another opens or closes it.
     *
     * @throws InterruptedException if interrupted before it is opened
     * @throws Exception as the opener throws it; nothing is kept, so that the next call tries again
     */
    public Lease acquire(K key, Opener<? extends V> opener) throws Exception {
        Shared shared = hold(key);
        synchronized (shared) {
            try {
                V value = shared.value;
                if (value == null) {
                    if (Thread.interrupted()) { // while it waited for another, who may have been interrupted likewise
                        throw new InterruptedException("interrupted before " + key + " was opened");
                    }
                    value = Objects.requireNonNull(opener.open(), "an opener gave nothing");
                    shared.value = value;
                }
                return new Lease(shared, value);
            } catch (Throwable e) {
                letGo(shared); // in the monitor: whoever opens next must not count this holder
                throw e;
            }
        }
    }

    /** Counts the holder before anything is opened, so that nobody drops what it is about to open. */
    private Shared hold(K key) {
        synchronized (open) {
            Shared shared = open.computeIfAbsent(key, Shared::new);
            shared.holders++;
            return shared;
        }
    }

    /** In the monitor to its end: of two who leave together, one must see that he is the last. */
    private void release(Shared shared) {
        synchronized (shared) {
            V value = shared.value;
            try {
                if (value != null && isLast(shared)) {
                    // Who comes while it closes waits at the monitor, finds nothing, and opens it anew.
                    shared.value = null;
                    closer.accept(value);
                }
            } finally {
                letGo(shared);
            }
        }
    }

    private boolean isLast(Shared shared) {
        synchronized (open) {
            return shared.holders == 1;
        }
    }

    private void letGo(Shared shared) {
        synchronized (open) {
            shared.holders--;
            if (shared.holders == 0) {
                open.remove(shared.key);
            }
        }
    }

    private final class Shared {
        private final K key;
        private int holders;
        /** Guarded by this object's monitor. */
        private @Nullable V value;

        private Shared(K key) {
            this.key = key;
        }
    }

    /** One user's hold. */
    public final class Lease implements AutoCloseable {
        private final Shared shared;
        private final V value;
        private boolean closed;

        private Lease(Shared shared, V value) {
            this.shared = shared;
            this.value = value;
        }

        /** The thing, usable until this lease is closed. */
        public V value() {
            return value;
        }

        /** Gives the hold back, and returns when the thing is closed if it was the last; a second call does nothing. */
        @Override
        public void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            release(shared);
        }
    }
}
