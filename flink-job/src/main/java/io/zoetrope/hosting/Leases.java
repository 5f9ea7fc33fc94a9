package io.zoetrope.hosting;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Shares costly resources, each under a key. The first lease of a key opens its resource. After the last one is closed
 * the resource stays open for a grace time, in which the next lease of the key takes it over. It is closed earlier if a
 * resource of another key is opened that does not keep it, so that both do not need memory at the same time.
 *
 * <p>Opening and closing are serialized per key, so that a resource never exists twice; other keys do not wait. The only
 * exception is a resource that became unusable while leases hold it: a new lease opens another one beside it.
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
     * The resources that are leased, kept or being opened. Guards itself and every {@code holders}. Locked inside the
     * monitor of a {@link Shared}, never around it.
     */
    private final Map<K, Shared> open = new HashMap<>();

    private final Consumer<? super V> closer;
    private final Predicate<? super V> usable;
    private final Duration grace;
    private final Delay delay;

    /**
     * Creates leases.
     *
     * @param closer closes a resource
     * @param usable returns whether a resource can be leased again; called at any time
     * @param grace how long a resource without leases stays open; zero to close it with its last lease
     * @param delay runs the closing after the grace time
     */
    public Leases(Consumer<? super V> closer, Predicate<? super V> usable, Duration grace, Delay delay) {
        this.closer = closer;
        this.usable = usable;
        this.grace = grace;
        this.delay = delay;
    }

    /** Creates leases whose resources are closed with their last lease. */
    public Leases(Consumer<? super V> closer, Predicate<? super V> usable) {
        this(closer, usable, Duration.ZERO, Delay.none());
    }

    /**
     * Leases the resource of a key, as {@link #acquire(Object, Set, Opener)}, and keeps no other idle resource.
     *
     * @throws Exception from the opener; no lease is kept, so the next call tries again
     */
    public Lease acquire(K key, Opener<? extends V> opener) throws Exception {
        return acquire(key, Set.of(), opener);
    }

    /**
     * Leases the resource of a key, and opens it if it is not open, or not usable any more. Blocks while another thread
     * opens or closes it.
     *
     * @param kept the keys whose idle resources stay open although this one is opened
     * @throws InterruptedException if interrupted before the resource is opened
     * @throws Exception from the opener; no lease is kept, so the next call tries again
     */
    public Lease acquire(K key, Set<K> kept, Opener<? extends V> opener) throws Exception {
        Shared shared = addHolder(key);
        if (shared.value == null) {
            try {
                closeIdle(kept);
            } catch (Throwable e) {
                removeHolder(shared);
                throw e;
            }
        }
        synchronized (shared) {
            try {
                V value = shared.value;
                if (value != null && !usable.test(value) && isLast(shared)) {
                    close(shared, value);
                    value = null;
                }
                if (value == null) {
                    // Waiting for the monitor does not react to an interrupt, so the flag is checked here.
                    if (Thread.interrupted()) {
                        throw new InterruptedException("interrupted before " + key + " was opened");
                    }
                    value = Objects.requireNonNull(opener.open(), "the opener returned null");
                    shared.value = value;
                }
                shared.endOfGrace.run();
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
            Shared shared = open.get(key);
            V value = shared == null ? null : shared.value;
            if (shared == null || (shared.holders > 0 && value != null && !usable.test(value))) {
                // The leases that hold an unusable resource keep it; the last of them to be closed closes it.
                shared = new Shared(key);
                open.put(key, shared);
            }
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
                    if (grace.isZero() || !usable.test(value)) {
                        close(shared, value);
                    } else {
                        shared.endOfGrace = delay.after(grace, () -> closeIfIdle(shared));
                    }
                }
            } finally {
                removeHolder(shared);
            }
        }
    }

    /** Closes all resources that no lease holds, in place of the end of their grace times. */
    public void closeIdle() {
        closeIdle(Set.of());
    }

    private void closeIdle(Set<K> kept) {
        List<Shared> idle;
        synchronized (open) {
            idle = open.values().stream()
                    .filter(shared -> shared.holders == 0 && !kept.contains(shared.key))
                    .toList();
        }
        idle.forEach(this::closeIfIdle);
    }

    private void closeIfIdle(Shared shared) {
        synchronized (shared) {
            synchronized (open) {
                if (shared.holders > 0) {
                    return;
                }
                shared.holders++; // a thread that acquires the key meanwhile waits at the monitor, and opens it again
            }
            V value = shared.value;
            try {
                if (value != null) {
                    close(shared, value);
                }
            } finally {
                removeHolder(shared);
            }
        }
    }

    /** Closes a resource. The monitor of its key is held. */
    private void close(Shared shared, V value) {
        shared.endOfGrace.run();
        // A thread that acquires the key meanwhile waits at the monitor, finds null, and opens it again.
        shared.value = null;
        closer.accept(value);
    }

    private boolean isLast(Shared shared) {
        synchronized (open) {
            return shared.holders == 1;
        }
    }

    private void removeHolder(Shared shared) {
        synchronized (open) {
            shared.holders--;
            if (shared.holders == 0 && shared.value == null) {
                open.remove(shared.key, shared);
            }
        }
    }

    private final class Shared {
        private final K key;
        private int holders;
        /** Written inside this object's monitor. */
        private volatile @Nullable V value;
        /** Cancels the closing at the end of the grace time. Guarded by this object's monitor. */
        private Runnable endOfGrace = () -> {};

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
         * Ends the lease. If it was the last one and there is no grace time, returns after the resource is closed. A
         * second call does nothing.
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
