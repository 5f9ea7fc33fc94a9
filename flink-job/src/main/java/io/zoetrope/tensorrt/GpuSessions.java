package io.zoetrope.tensorrt;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The sessions of a process, one for each lane. A lane opens its stages on its own thread, so the thread identifies the
 * lane. The first stage opens the session; it is closed after the last one.
 */
final class GpuSessions {
    private record Lane(Thread thread, int device) {}

    private static final class Held {
        private final GpuSession session;
        private int leases;

        Held(GpuSession session) {
            this.session = session;
        }
    }

    private final Libraries libraries;
    private final Map<Lane, Held> open = new HashMap<>();

    GpuSessions(Libraries libraries) {
        this.libraries = libraries;
    }

    /** A stage's hold on its lane's session. Any thread may close it, once its engine is destroyed. */
    final class Lease implements AutoCloseable {
        private final Lane lane;
        private final GpuSession session;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(Lane lane, GpuSession session) {
            this.lane = lane;
            this.session = session;
        }

        GpuSession session() {
            return session;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release(lane);
            }
        }
    }

    /** Leases the session of the calling thread's lane on a device. The calling thread then uses the device. */
    synchronized Lease lease(int device) {
        Lane lane = new Lane(Thread.currentThread(), device);
        Held held = open.computeIfAbsent(lane, key -> new Held(GpuSession.open(libraries, device)));
        held.session.activate();
        held.leases++;
        return new Lease(lane, held.session);
    }

    private void release(Lane lane) {
        GpuSession last;
        synchronized (this) {
            Held held = Objects.requireNonNull(open.get(lane));
            held.leases--;
            if (held.leases > 0) {
                return;
            }
            open.remove(lane);
            last = held.session;
        }
        last.close(); // waits for its device, so not under the lock of all
    }
}
