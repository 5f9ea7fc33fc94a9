package io.zoetrope.hosting;

import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Stage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a model, hosted by the lanes of a device. It is opened when the first engine needs it, on a lane's own
 * thread, because some runtimes tie memory to the thread that allocated it. It stays open until the lanes close; after a
 * hung run it is opened anew.
 */
final class HostedStage<I, O> implements Stage<I, O> {
    /**
     * The functions of an open stage.
     *
     * @param runner runs a batch and returns one result per request
     * @param ender makes the run of a thread fail soon
     * @param fileBytes the size of the files that the stage was loaded from
     * @param closer frees the stage
     */
    record Opened<I, O>(Function<List<I>, List<O>> runner, Consumer<Thread> ender, long fileBytes, Runnable closer) {}

    private final String name;
    private final boolean shared;
    private final Function<Model, Opened<I, O>> opener;
    /** The runs in progress, by the thread of their lane. */
    private final Map<Thread, OpenStage<I, O>> running = new ConcurrentHashMap<>();
    /** Written by a lane's thread; also read by metric reporters for its size. */
    private volatile @Nullable OpenStage<I, O> stage;

    private final Object swap = new Object();
    /** The stages that were replaced after a hung run. Each is freed on its own thread, because that may take long. */
    private final Queue<CompletableFuture<Void>> freeing = new ConcurrentLinkedQueue<>();
    /** Opens the stage again. Written by a lane's thread when the stage is opened. */
    private volatile @Nullable Supplier<Opened<I, O>> reopener;

    private @Nullable CompletableFuture<Void> opening;
    private volatile boolean warmedUp;

    /**
     * Creates a stage that is not open.
     *
     * @param shared whether several lanes run the stage
     */
    HostedStage(String name, boolean shared, Function<Model, Opened<I, O>> opener) {
        this.name = name;
        this.shared = shared;
        this.opener = opener;
    }

    String name() {
        return name;
    }

    /**
     * Opens the stage, unless it is open or being opened. A call after a failure tries again.
     *
     * @param tasks runs tasks on a lane's thread
     * @param model a model with the digest of the lanes, to stay open until the returned stage completes
     */
    synchronized CompletionStage<Void> open(Dispatch<Runnable, Runnable> tasks, Model model) {
        CompletableFuture<Void> done = opening;
        if (done == null || done.isCompletedExceptionally()) {
            done = tasks.warmOne(() -> {
                        reopener = () -> opener.apply(model);
                        stage = new OpenStage<>(opener.apply(model));
                    })
                    .toCompletableFuture();
            opening = done;
        }
        return done;
    }

    /** Returns whether the stage is warmed up: it has run, and its batch sizes for the usual shape are measured. */
    boolean isWarmedUp() {
        return warmedUp;
    }

    void markWarmedUp() {
        warmedUp = true;
    }

    /** Returns the size of the files that the open stage was loaded from; 0 while it is not open. */
    long fileBytes() {
        OpenStage<I, O> open = stage;
        return open == null ? 0 : open.fileBytes();
    }

    boolean isOpen() {
        return stage != null;
    }

    /** Runs a batch. Wraps each fault in a RequestException that names the stage, for the failure record. */
    @Override
    public List<O> run(List<I> batch) {
        try {
            while (true) {
                Optional<List<O>> results = runOn(open(), batch);
                if (results.isPresent()) {
                    return results.get();
                }
                // Another lane has just replaced the stage.
            }
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED, name, e + "; the log of the task has its stack trace", e);
        }
    }

    private OpenStage<I, O> open() {
        return Objects.requireNonNull(stage, "the stage is not open; open it before requests");
    }

    private Optional<List<O>> runOn(OpenStage<I, O> open, List<I> batch) {
        running.put(Thread.currentThread(), open);
        try {
            return open.run(batch);
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    @Override
    public void end(Thread runner) {
        OpenStage<I, O> open = running.get(runner);
        if (open != null) {
            open.endRun(runner);
        }
    }

    /**
     * Frees the stage of a single lane, such as a GPU's, because the device may not have the memory for two. Lanes that
     * share a stage continue on it until the new one is open.
     */
    @Override
    public void discard() {
        if (!shared) {
            closeOpen();
        }
    }

    /** Opens the stage anew. A stage that it replaces is freed on another thread, when no lane runs it any more. */
    @Override
    public void renew() {
        OpenStage<I, O> opened = new OpenStage<>(
                Objects.requireNonNull(reopener, "the stage was never open").get());
        OpenStage<I, O> replaced;
        synchronized (swap) { // lanes that hung together renew together, and each closes what it has replaced
            replaced = stage;
            stage = opened;
        }
        if (replaced != null) {
            freeing.add(CompletableFuture.runAsync(replaced::close, this::startThread));
        }
    }

    private void startThread(Runnable task) {
        Thread thread = new Thread(task, "free-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public boolean isOutOfMemory(Throwable fault) {
        return fault instanceof OutOfMemoryError
                || (fault instanceof RequestException request && request.code() == FailureCode.OUT_OF_MEMORY);
    }

    @Override
    public boolean isDeviceFault(Throwable fault) {
        return fault instanceof RequestException request && request.getCause() instanceof DeviceFaultException;
    }

    /** Frees the stage, and returns when also those that it replaced are freed. Called after its lanes have ended. */
    void close() {
        try {
            closeOpen();
        } finally {
            CompletableFuture.allOf(freeing.toArray(CompletableFuture[]::new)).join();
        }
    }

    private void closeOpen() {
        OpenStage<I, O> open = stage;
        stage = null;
        if (open != null) {
            open.close();
        }
    }
}
