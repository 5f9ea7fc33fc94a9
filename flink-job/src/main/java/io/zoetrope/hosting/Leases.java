package io.zoetrope.hosting;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares costly resources, each under a key. The first lease of a key opens its resource and the last one to be closed
 * closes it. Opening and closing are serialized per key, so that a resource never exists twice; other keys do not wait.
 */
public final class Leases<K, V> {
    /** Opens a resource. */
    @FunctionalInterface
    public interface Opener<V> {
        /**
         * Opens the resource.
         *
         * @throws Exception if it cannot be opened
         */
        V open() throws Exception;
    }

    /**
     * The resources that are leased or being opened. Guards itself and every {@code holders}. Locked inside the monitor
     * of a {@link Shared}, never around it.
     */
    private final Map<K, Shared> open = new HashMap<>();

    private final Consumer<? super V> closer;

    /** Creates leases of resources that {@code closer} closes. */
    public Leases(Consumer<? super V> closer) {
        this.closer = closer;
    }

    /**
     * Leases the resource of a key, and opens it if no other lease holds it. Blocks while another thread opens or
     * closes it.
     *
     * @throws InterruptedException if interrupted before the resource is opened
     * @throws Exception from the opener; no lease is kept, so the next call tries again
     */
    public Lease acquire(K key, Opener<? extends V> opener) throws Exception {
        Shared shared = addHolder(key);
        synchronized (shared) {
            try {
                V value = shared.value;
                if (value == null) {
                    // Waiting for the monitor does not react to an interrupt, so the flag is checked here.
                    if (Thread.interrupted()) {
                        throw new InterruptedException("interrupted before " + key + " was opened");
                    }
                    value = Objects.requireNonNull(opener.open(), "the opener returned null");
                    shared.value = value;
                }
                return new Lease(shared, value);
            } catch (Throwable e) {
                removeHolder(shared); // inside the monitor: the next thread to enter it must not count this holder
                throw e;
            }
        }
    }

    /** Counts the holder before the resource is opened, so that no other thread closes what it is about to open. */
    private Shared addHolder(K key) {
        synchronized (open) {
            Shared shared = open.computeIfAbsent(key, Shared::new);
            shared.holders++;
            return shared;
        }
    }

    /**
     * Ends a lease. Holds the monitor to the end: of two leases that close at the same time, exactly one must be the
     * last.
     */
    private void release(Shared shared) {
        synchronized (shared) {
            V value = shared.value;
            try {
                if (value != null && isLast(shared)) {
                    // A thread that acquires the key meanwhile waits at the monitor, finds null, and opens it again.
                    shared.value = null;
                    closer.accept(value);
                }
            } finally {
                removeHolder(shared);
            }
        }
    }

    private boolean isLast(Shared shared) {
        synchronized (open) {
            return shared.holders == 1;
        }
    }

    private void removeHolder(Shared shared) {
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

    /** One user's lease of a resource. */
    public final class Lease implements AutoCloseable {
        private final Shared shared;
        private final V value;
        private boolean closed;

        private Lease(Shared shared, V value) {
            this.shared = shared;
            this.value = value;
        }

        /** Returns the resource, usable until this lease is closed. */
        public V value() {
            return value;
        }

        /**
         * Ends the lease. Returns after the resource is closed if this was its last lease. A second call does nothing.
         */
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
