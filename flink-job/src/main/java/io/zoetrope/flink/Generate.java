package io.zoetrope.flink;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.engine.UnusableModelException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestLimits;
import io.zoetrope.publish.Video;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.util.IOUtils;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the engines of their models, and emits their videos. Many requests are in flight at a time; an
 * engine batches them over all slots that share it. Flink keeps the events in flight in its state, so a restart repeats
 * them and loses none.
 *
 * <p>A fault of a single request becomes the failure of that request. A fault of the engine fails the job:
 * see {@link Diagnosis}.
 */
public final class Generate extends RichAsyncFunction<KafkaEvent, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private final EngineSet engines;
    private final RolloutsTopic rollouts;
    private final RequestLimits limits;
    private final Duration timeout;
    private final AnswerWriter writer;
    private final ClaimCheck claims;
    private final InstantSource clock = InstantSource.system();
    private transient @Nullable Routing routing;
    private transient @Nullable OpenModels opened;
    private transient ModelMetrics metrics;
    private transient Suspects suspects;
    private transient VideoRecords records;

    private transient volatile boolean closed;
    private transient @Nullable Requests reported;
    private transient @Nullable Path runningRequests;

    /**
     * Creates the function.
     *
     * @param engines open the engines, unless another slot of the process has opened them already
     * @param rollouts the moves between versions of the models
     * @param limits the largest texts of a request
     * @param timeout the time after which Flink calls {@link #timeout}, for the failure's message
     * @param claims which payloads are stored outside of their records
     * @param format the format of the records of answers
     */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it processes an event
    public Generate(
            EngineSet engines,
            RolloutsTopic rollouts,
            RequestLimits limits,
            Duration timeout,
            ClaimCheck claims,
            AnswerFormat format) {
        this.engines = engines;
        this.rollouts = rollouts;
        this.limits = limits;
        this.timeout = timeout;
        this.claims = claims;
        this.writer = new AnswerWriter(format, clock);
    }

    /**
     * Has to be called before the function is opened.
     *
     * @param requests is called for each request
     * @param runningRequests the folder that shows, after the death of the process, what ran: see {@link Suspects}
     */
    void report(Requests requests, Path runningRequests) {
        reported = requests;
        this.runningRequests = runningRequests;
    }

    EngineSet engines() {
        return engines;
    }

    /** Returns how many requests in flight keep the devices and encoders of a model's engine busy. */
    int usefulInFlight(String model) {
        return models().of(model).engine().usefulInFlight();
    }

    /** Returns the choice of the models, which is open from the first call on until {@link #close}. */
    Routing routing() {
        Routing open = routing;
        if (open == null) {
            open = new Routing(engines, rollouts.open());
            routing = open;
        }
        return open;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        suspects = Suspects.none(); // for close(), if the real ones cannot be opened
        // Before the engines: while the store is down, no device works for videos that cannot be delivered.
        records = VideoRecords.open(writer, claims);
        try {
            opened = OpenModels.open(
                    engines,
                    limits.promptCharacters(),
                    new FlinkGpus(() -> getRuntimeContext().getExternalResourceInfos(FlinkGpus.RESOURCE)));
        } catch (UnusableModelException e) {
            // Every other exception restarts the job: another machine, or this one later, may open the engine.
            throw new SuppressRestartsException(e);
        }
        suspects = runningRequests == null ? Suspects.none() : Suspects.open(runningRequests, engines.id());
        IdleEngines.closeAtJobEnd(getRuntimeContext());
        metrics = new ModelMetrics(opened, JobMetrics.of(getRuntimeContext()));
        JobMetrics.of(getRuntimeContext()).gauge("ignoredMoves", (Gauge<Integer>) routing()::ignored);
    }

    @Override
    public void asyncInvoke(KafkaEvent event, ResultFuture<KafkaAnswer> result) {
        if (event.isTombstone()) { // only from state that an earlier version wrote
            cancel(event);
            result.complete(List.of());
            return;
        }
        Optional<PromptRequest> request = Optional.empty();
        Optional<EngineSet.Served> chosen = Optional.empty();
        try {
            request = Optional.of(requests().decoded(event).orElseGet(() -> decode(event)));
            chosen = Optional.of(routing().chosenBy(event, request.get()));
            generate(event, request.get(), chosen.get(), result);
        } catch (KafkaException e) { // the moves cannot be read: the job restarts, and the event stays in its state
            throw e;
        } catch (RuntimeException e) {
            emit(event, Answer.ofFault(writer, event, request, chosen, e), result);
        }
    }

    private void generate(
            KafkaEvent event, PromptRequest request, EngineSet.Served chosen, ResultFuture<KafkaAnswer> result) {
        OpenModels.Model model = models().of(chosen.id());
        Prompt prompt = model.validator().validate(request, clock.instant());
        Duration ahead = requests().started(event, request, chosen);
        suspects.run(event, model.engine(), engine -> engine.generate(prompt, ahead))
                .whenComplete((video, fault) -> answer(event, request, chosen, video, fault, result));
    }

    private Optional<EngineSet.Served> find(KafkaEvent event, Optional<PromptRequest> request) {
        return request.flatMap(known -> routing().find(event, known));
    }

    /** Counts a prompt that was read, of a given work in usual requests of its model. */
    void countDemand(EngineSet.Served model, double work) {
        metrics.demand(model.id(), work);
    }

    /** Returns the device time of a model's usual request, in seconds; 0 while it is not measured. */
    double secondsPerRequest(String model) {
        return metrics.secondsPerRequest(model);
    }

    /** Cancels this subtask's running requests with the id of a tombstone. */
    void cancel(KafkaEvent tombstone) {
        String id = tombstone.requestId();
        suspects.cancel(event -> event.requestId().equals(id));
    }

    /**
     * Decodes the request of an event.
     *
     * @throws RequestException INVALID_EVENT if it cannot be decoded
     */
    PromptRequest decode(KafkaEvent event) {
        return EventReader.request(event, limits);
    }

    /** Returns the record of the failure of a request that has not started, and counts it. */
    KafkaAnswer failure(KafkaEvent event, RequestException fault) {
        Optional<PromptRequest> request = EventReader.requestIfReadable(event, limits);
        metrics.failure(find(event, request), fault.code());
        return writer.failure(event, request, fault);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the instance, because ids repeat once their retention has passed
    public void timeout(KafkaEvent event, ResultFuture<KafkaAnswer> result) {
        if (suspects.waits(event)) { // its time starts when it can run
            requests().later(timeout, () -> timeout(event, result));
            return;
        }
        RequestException tooLate = new RequestException(
                FailureCode.INFERENCE_TIMEOUT,
                "generate",
                "there was no answer within " + timeout.toMillis() + " ms; raise inference-timeout, or lower the load");
        Optional<PromptRequest> request = EventReader.requestIfReadable(event, limits);
        emit(event, Answer.ofFailure(writer, event, request, find(event, request), tooLate), result);
        suspects.cancel(running -> running == event);
    }

    /** Cancels this subtask's requests, because other slots may keep the engine open. Then releases the engine. */
    @Override
    public void close() {
        closed = true;
        try {
            IOUtils.closeAllQuietly(routing, records);
        } finally {
            if (opened != null) {
                try (OpenModels models = opened) {
                    suspects.close();
                }
            }
        }
    }

    /** Emits the answer of a request. Runs on the engine's threads, so it passes every exception to Flink. */
    private void answer(
            KafkaEvent event,
            PromptRequest request,
            EngineSet.Served model,
            @Nullable Video video,
            @Nullable Throwable fault,
            ResultFuture<KafkaAnswer> result) {
        if (closed) {
            return; // Flink accepts no more answers, and has kept the event in its state
        }
        try {
            if (fault == null) {
                publish(
                        event,
                        model,
                        Objects.requireNonNull(video, "the engine returned neither a video nor a fault"),
                        result);
            } else {
                emit(event, Answer.ofFault(writer, event, Optional.of(request), Optional.of(model), fault), result);
            }
        } catch (RequestException e) {
            emit(event, Answer.ofFailure(writer, event, Optional.of(request), Optional.of(model), e), result);
        } catch (Throwable e) {
            fail(event, e, result);
        }
    }

    /**
     * Emits a video when the payloads that are not in their records are stored.
     *
     * @throws RequestException PAYLOAD_TOO_LARGE if a record is too large
     */
    private void publish(KafkaEvent event, EngineSet.Served model, Video video, ResultFuture<KafkaAnswer> result) {
        records.of(event, video).whenComplete((made, fault) -> {
            if (closed) {
                return;
            }
            if (fault == null) {
                emit(event, Answer.ofVideo(model, video, made), result);
            } else {
                fail(event, fault, result);
            }
        });
    }

    /**
     * Fails the task, on its own thread. completeExceptionally would remove the event from the state before the task
     * fails, and a checkpoint in between would lose the event.
     */
    private static void fail(KafkaEvent event, Throwable fault, ResultFuture<KafkaAnswer> result) {
        result.complete(() -> {
            throw new IllegalStateException("the event at " + event.position() + " could not be answered", fault);
        });
    }

    /**
     * Completes a request. Flink uses the first result of a request only, and calls its supplier on the task's thread,
     * so each request is counted once.
     */
    private void emit(KafkaEvent event, Answer answer, ResultFuture<KafkaAnswer> result) {
        result.complete(() -> {
            requests().answered(event, answer.deviceTime());
            answer.count().accept(metrics);
            metrics.registerNewBatchSizes();
            return answer.records();
        });
    }

    private Requests requests() {
        return Objects.requireNonNullElse(reported, Requests.UNCOUNTED);
    }

    private OpenModels models() {
        return Objects.requireNonNull(opened, "open() has not been called");
    }
}
