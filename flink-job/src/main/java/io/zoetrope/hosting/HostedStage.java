package io.zoetrope.hosting;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.Stage;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a model, hosted by the lanes of a device. It is opened when the first engine needs it, on a lane's own
 * thread, because some runtimes tie memory to the thread that allocated it. It stays open until the lanes close.
 */
final class HostedStage<I, O> implements Stage<I, O> {
    /**
     * An open stage.
     *
     * @param runner runs a batch and returns one result per request
     * @param fileBytes the size of the files that the stage was loaded from
     * @param closer frees the stage
     */
    record Opened<I, O>(Function<List<I>, List<O>> runner, long fileBytes, Runnable closer) {}

    private final String name;
    private final Function<Model, Opened<I, O>> opener;
    /** Written by a lane's thread; also read by metric reporters for its size. */
    private volatile @Nullable Opened<I, O> stage;

    private @Nullable CompletableFuture<Void> opening;
    private volatile boolean warmedUp;

    HostedStage(String name, Function<Model, Opened<I, O>> opener) {
        this.name = name;
        this.opener = opener;
    }

    String name() {
        return name;
    }

    /**
     * Opens the stage, unless it is open or being opened. A call after a failure tries again.
     *
     * @param tasks a port that runs tasks on a lane's thread
     * @param model a model with the digest of the lanes, to stay open until the returned stage completes
     */
    synchronized CompletionStage<Void> open(LanePort<Runnable, Runnable> tasks, Model model) {
        CompletableFuture<Void> done = opening;
        if (done == null || done.isCompletedExceptionally()) {
            done = tasks.warm(() -> stage = opener.apply(model)).toCompletableFuture();
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
        Opened<I, O> open = stage;
        return open == null ? 0 : open.fileBytes();
    }

    boolean isOpen() {
        return stage != null;
    }

    /** Runs a batch. Wraps each fault in a RequestException that names the stage, for the failure record. */
    @Override
    public List<O> run(List<I> batch) {
        Opened<I, O> open = Objects.requireNonNull(stage, "the stage is not open; open it before requests");
        try {
            return open.runner().apply(batch);
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED, name, e + "; the log of the task has its stack trace", e);
        }
    }

    @Override
    public boolean isOutOfMemory(Throwable fault) {
        return fault instanceof OutOfMemoryError
                || (fault instanceof RequestException request && request.code() == FailureCode.OUT_OF_MEMORY);
    }

    /** Frees the stage. Called after the threads of its lanes have ended. */
    void close() {
        Opened<I, O> open = stage;
        stage = null;
        if (open != null) {
            open.closer().run();
        }
    }
}
