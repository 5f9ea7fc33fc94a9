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
 * A stage of a model as a guest of a lane. It is opened when an engine first wants it, on the lane's own thread, for
 * some runtimes tie memory to the thread that made it; then it stays as long as the lane does.
 */
final class HostedStage<I, O> implements Stage<I, O> {
    /**
     * A stage that is open.
     *
     * @param runner gives one result for each of a batch
     * @param fileBytes of the files that it was loaded from
     * @param closer frees it
     */
    record Opened<I, O>(Function<List<I>, List<O>> runner, long fileBytes, Runnable closer) {}

    private final String name;
    private final Function<Model, Opened<I, O>> opener;
    /** Written by the lane's thread, which alone runs it; read by others for its size. */
    private volatile @Nullable Opened<I, O> stage;

    private @Nullable CompletableFuture<Void> opening;
    private volatile boolean warm;

    HostedStage(String name, Function<Model, Opened<I, O>> opener) {
        this.name = name;
        this.opener = opener;
    }

    String name() {
        return name;
    }

    /**
     * Opens the stage, unless it is open or about to be; after a failure it is tried again.
     *
     * @param chores runs things on the lane's thread
     * @param model of the lane's digest, usable until the result is there
     */
    synchronized CompletionStage<Void> open(LanePort<Runnable, Runnable> chores, Model model) {
        CompletableFuture<Void> done = opening;
        if (done == null || done.isCompletedExceptionally()) {
            done = chores.warm(() -> stage = opener.apply(model)).toCompletableFuture();
            opening = done;
        }
        return done;
    }

    /** Whether a batch has gone through it: what it must know before the first request, it knows. */
    boolean warm() {
        return warm;
    }

    void warmed() {
        warm = true;
    }

    /** What it holds, by its files' size; empty while it is not open. */
    long fileBytes() {
        Opened<I, O> open = stage;
        return open == null ? 0 : open.fileBytes();
    }

    boolean isOpen() {
        return stage != null;
    }

    /** Names the stage in whatever is thrown, for the failure record. */
    @Override
    public List<O> run(List<I> batch) {
        Opened<I, O> open = Objects.requireNonNull(stage, "a port is given out once its stage is open");
        try {
            return open.runner().apply(batch);
        } catch (RequestException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED, name, e + "; the log of the task has its stack trace", e);
        }
    }

    /** Frees the stage, once the lane's thread is gone. */
    void close() {
        Opened<I, O> open = stage;
        stage = null;
        if (open != null) {
            open.closer().run();
        }
    }
}
