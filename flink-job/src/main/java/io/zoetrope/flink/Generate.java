package io.zoetrope.flink;

import io.zoetrope.encode.Segment;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineRegistry;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.PromptValidator;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests by video, many at a time. Batches form behind this function, over all slots that share the engine:
 * Flink keeps the events in flight in its state, and no buffer of ours can lose one.
 *
 * <p>What goes wrong with one request becomes its failure. What would go wrong with all of them fails the job.
 */
public final class Generate extends RichAsyncFunction<KafkaEvent, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(Generate.class);

    private final EngineFactory engines;
    private final Duration timeout;
    private final AnswerWriter writer;
    private final InstantSource clock = InstantSource.system();
    private transient EngineRegistry.@Nullable Lease lease;
    private transient PromptValidator validator;
    private transient AnswerMetrics answerMetrics;
    private transient EngineMetrics engineMetrics;
    /** Those of this subtask that have no answer yet, by their answer: an id may come again while its first is on its way. */
    private transient Map<CompletionStage<Video>, RequestId> mine;

    private transient volatile boolean closed;

    /**
     * Answers with a shared engine.
     *
     * @param engines opens the engine, unless another slot of the process has
     * @param timeout after which Flink calls {@link #timeout}, for its message
     * @param maxPayloadBytes of one record, with everything that Kafka adds
     */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it hands over anything
    public Generate(EngineFactory engines, Duration timeout, long maxPayloadBytes) {
        this.engines = engines;
        this.timeout = timeout;
        this.writer = new AnswerWriter(maxPayloadBytes, clock);
    }

    @Override
    public void open(OpenContext context) throws InterruptedException {
        validator = new PromptValidator(engines.limits());
        mine = new ConcurrentHashMap<>();
        try {
            lease = EngineRegistry.acquire(
                    engines, new FlinkGpus(() -> getRuntimeContext().getExternalResourceInfos(FlinkGpus.RESOURCE)));
        } catch (InterruptedException e) {
            throw e; // the task is cancelled, and may start again
        } catch (Exception e) {
            // What the job asks for cannot be served; a restart would ask for the same.
            throw new SuppressRestartsException(e);
        }
        MetricGroup group = JobMetrics.of(getRuntimeContext());
        answerMetrics = new AnswerMetrics(group);
        engineMetrics = new EngineMetrics(engine().gauges(), group);
    }

    @Override
    public void asyncInvoke(KafkaEvent event, ResultFuture<KafkaAnswer> result) throws InterruptedException {
        if (event.isTombstone()) {
            engine().cancel(requestId(event));
            result.complete(List.of());
            return;
        }
        Optional<PromptRequest> request = Optional.empty();
        try {
            // The only decoding on the event's way: the operators before this one read its request id alone.
            request = Optional.of(EventReader.request(event));
            generate(event, request.get(), result);
        } catch (RuntimeException e) {
            give(failure(event, request, e), result);
        }
    }

    private void generate(KafkaEvent event, PromptRequest request, ResultFuture<KafkaAnswer> result)
            throws InterruptedException {
        Prompt prompt = validator.validate(request, clock.instant());
        CompletionStage<Video> answer = engine().generate(prompt);
        mine.put(answer, prompt.requestId());
        answer.whenComplete((video, fault) -> {
            mine.remove(answer);
            answer(event, request, video, fault, result);
        });
    }

    private static RequestId requestId(KafkaEvent event) {
        return new RequestId(event.requestId());
    }

    @Override
    public void timeout(KafkaEvent event, ResultFuture<KafkaAnswer> result) {
        RequestException late = new RequestException(
                FailureCode.INFERENCE_TIMEOUT,
                "generate",
                "no answer came within " + timeout.toMillis() + " ms; raise inference-timeout, or lower the load");
        give(refused(event, Optional.of(EventReader.request(event)), late), result);
        engine().cancel(requestId(event));
    }

    /** Other slots may keep the engine: what this one asked of it nobody waits for any more. */
    @Override
    public void close() {
        closed = true;
        if (lease != null) {
            mine.values().forEach(engine()::cancel);
            lease.close();
        }
    }

    /** Runs on the engine's threads, where nobody would see what is thrown: all of it goes to Flink. */
    private void answer(
            KafkaEvent event,
            PromptRequest request,
            @Nullable Video video,
            @Nullable Throwable fault,
            ResultFuture<KafkaAnswer> result) {
        if (closed) {
            return; // Flink takes no answer any more, and has the event in its state
        }
        try {
            give(
                    fault == null ? videoOrFailure(event, request, video) : failure(event, Optional.of(request), fault),
                    result);
        } catch (Throwable e) {
            // Thrown on the task's own thread. completeExceptionally would take the event out of the state while the
            // task is only being told to fail, and a checkpoint in between would lose it.
            result.complete(() -> {
                throw new IllegalStateException("no answer could be given to " + event.origin(), e);
            });
        }
    }

    /**
     * Records, and how they are counted. Of a video the numbers alone: the records hold its bytes once more, and may wait
     * for a slow sink.
     */
    private record Answer(List<KafkaAnswer> records, Consumer<AnswerMetrics> count) {}

    /** Flink takes a request's first answer alone, and asks for it on the task's thread: so each is counted once. */
    private void give(Answer answer, ResultFuture<KafkaAnswer> result) {
        result.complete(() -> {
            answer.count().accept(answerMetrics);
            engineMetrics.showNewChoices();
            return answer.records();
        });
    }

    private Answer videoOrFailure(KafkaEvent event, PromptRequest request, @Nullable Video video) {
        try {
            Objects.requireNonNull(video, "the engine gave neither a video nor a fault");
            List<KafkaAnswer> records = writer.video(event, video);
            int frames = video.segments().stream().mapToInt(Segment::frameCount).sum();
            int batchSize = video.batchSize();
            Timings timings = video.timings();
            return new Answer(records, metrics -> metrics.video(frames, batchSize, timings));
        } catch (RequestException e) {
            return refused(event, Optional.of(request), e);
        }
    }

    private Answer failure(KafkaEvent event, Optional<PromptRequest> request, Throwable thrown) {
        RequestException fault = Diagnosis.of(thrown);
        if (fault.getCause() != null) {
            LOG.warn("{} at {}: {}", fault.code(), event.origin(), fault.getMessage(), fault);
        }
        return refused(event, request, fault);
    }

    private Answer refused(KafkaEvent event, Optional<PromptRequest> request, RequestException fault) {
        FailureCode code = fault.code();
        return new Answer(List.of(writer.failure(event, request, fault)), metrics -> metrics.failure(code));
    }

    private Engine engine() {
        return Objects.requireNonNull(lease, "open() comes first").engine();
    }
}
