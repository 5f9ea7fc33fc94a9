package io.zoetrope.flink;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares one engine, and so one lane and one copy of the model, among all slots of a process: the first lease opens it,
 * the last to be closed closes it.
 */
final class LaneRegistry {
    private static final LaneRegistry TASK_MANAGER = new LaneRegistry();

    private final Map<String, Shared> open = new HashMap<>();

    /** The registry of this process. */
    static LaneRegistry ofTaskManager() {
        return TASK_MANAGER;
    }

    /**
     * The engine that {@code factory} describes; opened unless it is. Others wait meanwhile, so that two slots never
     * open a model twice, nor one while another still closes it.
     *
     * @throws Exception as the factory throws it; nothing is kept, so that the next call tries again
     */
    synchronized Lease acquire(EngineFactory factory) throws Exception {
        Shared shared = open.get(factory.id());
        if (shared == null) {
            shared = new Shared(factory.id(), factory.open());
            open.put(shared.id, shared);
        }
        shared.leases++;
        return new Lease(shared);
    }

    private synchronized void release(Shared shared) {
        shared.leases--;
        if (shared.leases == 0) {
            open.remove(shared.id);
            shared.engine.close();
        }
    }

    private static final class Shared {
        private final String id;
        private final Engine engine;
        private int leases;

        private Shared(String id, Engine engine) {
            this.id = id;
            this.engine = engine;
        }
    }

    /** One slot's hold on an engine. */
    final class Lease implements AutoCloseable {
        private final Shared shared;
        private boolean closed;

        private Lease(Shared shared) {
            this.shared = shared;
        }

        /** The engine, usable until this lease is closed. */
        Engine engine() {
            return shared.engine;
        }

        /** Gives the hold back; a second call does nothing. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                release(shared);
            }
        }
    }
}
