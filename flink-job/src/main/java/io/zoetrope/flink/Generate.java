package io.zoetrope.flink;

import io.zoetrope.encode.Segment;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.engine.UnusableModelException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestLimits;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(Generate.class);

    private final EngineSet engines;
    private final RequestLimits limits;
    private final Duration timeout;
    private final AnswerWriter writer;
    private final InstantSource clock = InstantSource.system();
    private transient @Nullable OpenModels opened;
    private transient ModelMetrics metrics;
    private transient Suspects suspects;

    private transient volatile boolean closed;
    private transient @Nullable Requests reported;
    private transient @Nullable Path runningRequests;

    /**
     * Creates the function.
     *
     * @param engines open the engines, unless another slot of the process has opened them already
     * @param limits the largest texts of a request
     * @param timeout the time after which Flink calls {@link #timeout}, for the failure's message
     * @param maxPayloadBytes the largest size of a record, with everything that Kafka adds
     */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it processes an event
    public Generate(EngineSet engines, RequestLimits limits, Duration timeout, long maxPayloadBytes) {
        this.engines = engines;
        this.limits = limits;
        this.timeout = timeout;
        this.writer = new AnswerWriter(maxPayloadBytes, clock);
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
        return models().named(model).engine().usefulInFlight();
    }

    @Override
    public void open(OpenContext context) throws Exception {
        suspects = Suspects.none(); // for close(), if the real ones cannot be opened
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
    }

    @Override
    public void asyncInvoke(KafkaEvent event, ResultFuture<KafkaAnswer> result) {
        if (event.isTombstone()) { // only from state that an earlier version wrote
            cancel(event);
            result.complete(List.of());
            return;
        }
        Optional<PromptRequest> request = Optional.empty();
        try {
            request = Optional.of(requests().decoded(event).orElseGet(() -> decode(event)));
            generate(event, request.get(), result);
        } catch (RuntimeException e) {
            emit(event, diagnosed(event, request, e), result);
        }
    }

    private void generate(KafkaEvent event, PromptRequest request, ResultFuture<KafkaAnswer> result) {
        OpenModels.Model model = models().chosenBy(request);
        Prompt prompt = model.validator().validate(request, clock.instant());
        Duration ahead = requests().started(event, request);
        suspects.run(event, model.engine(), engine -> engine.generate(prompt, ahead))
                .whenComplete((video, fault) -> answer(event, request, video, fault, result));
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
        metrics.failure(request.flatMap(engines::find), fault.code());
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
        emit(event, failed(event, EventReader.requestIfReadable(event, limits), tooLate), result);
        suspects.cancel(running -> running == event);
    }

    /** Cancels this subtask's requests, because other slots may keep the engine open. Then releases the engine. */
    @Override
    public void close() {
        closed = true;
        if (opened != null) {
            try (OpenModels models = opened) {
                suspects.close();
            }
        }
    }

    /** Emits the answer of a request. Runs on the engine's threads, so it passes every exception to Flink. */
    private void answer(
            KafkaEvent event,
            PromptRequest request,
            @Nullable Video video,
            @Nullable Throwable fault,
            ResultFuture<KafkaAnswer> result) {
        if (closed) {
            return; // Flink accepts no more answers, and has kept the event in its state
        }
        try {
            emit(
                    event,
                    fault == null
                            ? videoOrFailure(event, request, video)
                            : diagnosed(event, Optional.of(request), fault),
                    result);
        } catch (Throwable e) {
            // Throws on the task's own thread. completeExceptionally would remove the event from the state before the
            // task fails, and a checkpoint in between would lose the event.
            result.complete(() -> {
                throw new IllegalStateException("the event at " + event.position() + " could not be answered", e);
            });
        }
    }

    /**
     * The records of an answer, and the update of its metrics. The update must not refer to the video: the records hold
     * a copy of its bytes, and they may wait for a slow sink.
     */
    private record Answer(List<KafkaAnswer> records, Consumer<ModelMetrics> count, Duration deviceTime) {}

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

    private Answer videoOrFailure(KafkaEvent event, PromptRequest request, @Nullable Video video) {
        try {
            Objects.requireNonNull(video, "the engine returned neither a video nor a fault");
            List<KafkaAnswer> records = writer.video(event, video);
            int frames = video.segments().stream().mapToInt(Segment::frameCount).sum();
            int batchSize = video.batchSize();
            String model = video.model();
            Timings timings = video.timings();
            return new Answer(
                    records,
                    all -> all.video(model, frames, batchSize, timings),
                    timings.onDevices().dividedBy(batchSize));
        } catch (RequestException e) {
            return failed(event, Optional.of(request), e);
        }
    }

    private Answer diagnosed(KafkaEvent event, Optional<PromptRequest> request, Throwable thrown) {
        RequestException fault = Diagnosis.of(thrown);
        if (fault.getCause() != null) {
            try (RequestLog fields = RequestLog.of(event)) {
                LOG.warn("{} at {}: {}", fault.code(), event.position(), fault.getMessage(), fault);
            }
        }
        return failed(event, request, fault);
    }

    private Answer failed(KafkaEvent event, Optional<PromptRequest> request, RequestException fault) {
        FailureCode code = fault.code();
        Optional<ModelLimits> model = request.flatMap(engines::find);
        return new Answer(
                List.of(writer.failure(event, request, fault)), all -> all.failure(model, code), Duration.ZERO);
    }

    private Requests requests() {
        return Objects.requireNonNullElse(reported, Requests.UNCOUNTED);
    }

    private OpenModels models() {
        return Objects.requireNonNull(opened, "open() has not been called");
    }
}
