package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open stage of a {@link FakeModel}. Throws an AssertionError if it is closed during a run, or runs after it was
 * closed.
 */
class FakeStage {
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

    final BufferPool buffers() {
        return context.buffers();
    }

    /** Called at the start of every run. */
    final void runs(int batch) {
        if (!open) {
            throw new AssertionError(name + " runs although it was closed");
        }
        running.incrementAndGet();
        try {
            model.runs(name, context, batch);
        } finally {
            running.decrementAndGet();
        }
    }

    public void endRun(Thread runner) {
        model.endedRuns.add(runner.getName());
    }

    public long fileBytes() {
        return FakeModel.FILE_BYTES;
    }

    public void close() {
        if (running.get() > 0) {
            throw new AssertionError(name + " is closed during a run");
        }
        open = false;
        String site = name + ":" + context.device();
        model.closed.add(site);
        if (site.equals(model.failsToClose)) {
            throw new IllegalStateException("planted in closing " + site);
        }
    }
}
