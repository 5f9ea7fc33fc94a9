package io.zoetrope.flink;

import io.zoetrope.engine.Engine;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.flink.RunningFiles.Deaths;
import io.zoetrope.publish.Video;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.execution.Environment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the request that ends the process: by a fault of native code, or by a run that the watchdog cannot end. Flink
 * would replay it forever. A request that ran when the process died, {@value #TOGETHER_TO_SUSPECT} times, is a suspect
 * and runs alone; one that was alone at {@value #ALONE_TO_FAIL} deaths fails. An answer ends all suspicion.
 */
final class Suspects implements AutoCloseable {
    /** One death is most often not the fault of a request, and runs in batches of one are slow. */
    static final int TOGETHER_TO_SUSPECT = 2;
    /** A kill from outside can hit an innocent request that runs alone, but hardly the same one so many times in a row. */
    static final int ALONE_TO_FAIL = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Suspects.class);

    /** All slots of the process: whichever request runs may have ended it. */
    private static final SoloGate GATE = SoloGate.withThread();

    private final Optional<RunningFiles> files;
    private final SoloGate gate;
    private final Set<Request> unanswered = ConcurrentHashMap.newKeySet();

    /** Sends a request to the engine. */
    interface Send {
        CompletionStage<Video> to(Engine engine);
    }

    Suspects(Optional<RunningFiles> files, SoloGate gate) {
        this.files = files;
        this.gate = gate;
    }

    /** Returns an instance that suspects nothing, for a function that runs without the job's operator. */
    static Suspects none() {
        return new Suspects(Optional.empty(), GATE);
    }

    /**
     * Opens the slot's part of a folder. Without a usable folder, requests run unguarded, and the log says so.
     *
     * @param engineId the id of the engine: with another model or other options a request gets another chance
     */
    static Suspects open(Path folder, String engineId) {
        Path own = folder.resolve(DigestUtils.sha256Hex(engineId));
        try {
            return new Suspects(Optional.of(RunningFiles.open(own)), GATE);
        } catch (IOException e) {
            LOG.warn(
                    "{} cannot be used ({}); a request that ends the process will be repeated forever",
                    own,
                    e.toString());
            return none();
        }
    }

    /**
     * Returns the folder for a task: beside the checkpoints, where a restart on this or another machine finds it; if
     * the checkpoints are not in a file system of the machine, in the TaskManager's folder of temporary files.
     */
    static Path folder(Environment task) {
        Configuration manager = task.getTaskManagerInfo().getConfiguration();
        return task.getJobConfiguration()
                .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
                .or(() -> manager.getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY))
                .flatMap(checkpoints -> StateFolder.of(checkpoints).local())
                .orElseGet(() -> Path.of(task.getTaskManagerInfo().getTmpDirectories()[0]))
                .resolve("running-requests");
    }

    /**
     * Sends a request to the engine, at once or when it can run alone.
     *
     * @throws RequestException PROCESS_ENDED if the request has ended the process too often
     */
    CompletionStage<Video> run(KafkaEvent event, Engine engine, Send send) {
        Deaths deaths = files.map(all -> all.deaths(event)).orElse(Deaths.NONE);
        if (deaths.alone() >= ALONE_TO_FAIL) {
            throw new RequestException(
                    FailureCode.PROCESS_ENDED,
                    "generate",
                    "the process that ran this request ended " + (deaths.together() + deaths.alone())
                            + " times without an answer, " + deaths.alone()
                            + " of them while it ran only this one; the process's log, its hs_err file and the"
                            + " system's log name the cause; send another prompt, or mend the cause first");
        }
        boolean alone = deaths.alone() > 0 || deaths.together() >= TOGETHER_TO_SUSPECT;
        if (alone) {
            try (RequestLog fields = RequestLog.of(event)) {
                LOG.warn(
                        "request {} ran when the process died {} times; it runs alone now",
                        event.requestId(),
                        deaths.together() + deaths.alone());
            }
        }
        Request request = new Request(event, alone, engine, send);
        unanswered.add(request);
        if (gate.enter(alone, request::sendLater)) {
            request.send();
        }
        return request.answer;
    }

    /** Returns whether a request waits until it can run. */
    @SuppressWarnings("ReferenceEquality") // the instance, because ids repeat once their retention has passed
    boolean waits(KafkaEvent event) {
        return unanswered.stream().anyMatch(request -> request.event == event && request.waits());
    }

    /** Cancels the requests whose events match. */
    void cancel(Predicate<KafkaEvent> which) {
        unanswered.forEach(request -> {
            if (which.test(request.event)) {
                request.cancel();
            }
        });
    }

    /** Cancels all requests, and keeps what was known about them: the slot ends properly. */
    @Override
    public void close() {
        files.ifPresent(RunningFiles::close);
        cancel(event -> true);
        unanswered.forEach(Request::ended); // an engine that closes may leave requests without an answer
    }

    /** A request that the engine has, or that waits until it can run alone. */
    private final class Request {
        private final KafkaEvent event;
        private final boolean alone;
        private final Engine engine;
        private final Send send;
        private final CompletableFuture<Video> answer = new CompletableFuture<>();
        private final AtomicBoolean entered = new AtomicBoolean();
        private volatile boolean cancelled;
        private volatile @Nullable CompletionStage<Video> sent;

        private Request(KafkaEvent event, boolean alone, Engine engine, Send send) {
            this.event = event;
            this.alone = alone;
            this.engine = engine;
            this.send = send;
        }

        private boolean waits() {
            return sent == null && !cancelled;
        }

        /** Cancels the request: at once if it is not with the engine yet. */
        private void cancel() {
            cancelled = true;
            CompletionStage<Video> running = sent;
            if (running != null) {
                engine.cancel(running);
            } else {
                answer.completeExceptionally(new CancellationException("cancelled before it could run alone"));
            }
        }

        private void send() {
            entered.set(true);
            if (cancelled) {
                ended();
                return;
            }
            try {
                files.ifPresent(all -> all.start(event, alone));
                CompletionStage<Video> running = send.to(engine);
                sent = running;
                if (cancelled) {
                    engine.cancel(running);
                }
                running.whenComplete(this::answered);
            } catch (Throwable e) { // Catches Errors too: a gate that is never left stops all requests of the process.
                ended();
                throw e;
            }
        }

        private void sendLater() {
            try {
                send();
            } catch (Throwable e) { // Catches Errors too, which the gate's thread would drop.
                answer.completeExceptionally(e);
            }
        }

        private void answered(@Nullable Video video, @Nullable Throwable fault) {
            ended();
            if (fault == null) {
                answer.complete(video);
            } else {
                answer.completeExceptionally(fault);
            }
        }

        private void ended() {
            unanswered.remove(this);
            if (entered.compareAndSet(true, false)) {
                files.ifPresent(all -> all.end(event, alone));
                gate.leave();
            }
        }
    }
}
