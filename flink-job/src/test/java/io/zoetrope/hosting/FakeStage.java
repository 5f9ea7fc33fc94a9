package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import java.util.concurrent.atomic.AtomicInteger;

/** One opened stage of a {@link FakeModel}: an error where it is closed while it runs, or runs when it is closed. */
final class FakeStage {
    private final FakeModel model;
    private final String name;
    private final StageContext context;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean open = true;

    FakeStage(FakeModel model, String name, StageContext context) {
        this.model = model;
        this.name = name;
        this.context = context;
    }

    BufferPool buffers() {
        return context.buffers();
    }

    void runs(int batch) {
        if (!open) {
            throw new AssertionError(name + " runs though it was closed");
        }
        running.incrementAndGet();
        try {
            model.runs(name, context, batch);
        } finally {
            running.decrementAndGet();
        }
    }

    void close() {
        if (running.get() > 0) {
            throw new AssertionError(name + " is closed though it runs");
        }
        open = false;
        String site = name + ":" + context.device();
        model.closed.add(site);
        if (site.equals(model.failsToClose)) {
            throw new IllegalStateException("planted in closing " + site);
        }
    }
}
