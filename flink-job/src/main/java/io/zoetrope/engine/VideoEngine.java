package io.zoetrope.engine;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.generate.Latents;
import io.zoetrope.hosting.HeldLanes;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.SamplingInput;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.HungRunException;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.ProcessEnd;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.Ticket;
import io.zoetrope.lane.Watchdog;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Video;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs prompts through a model's stages. An engine serves one job: it has its own requests and encode threads, and
 * leases lanes that it may share with the engines of other jobs.
 *
 * <pre>
 * prompt -> tokens -> [ text encode ] -> [ sample ] -> [ decode ] -> encode -> video
 *           caller      lane           /   lane          lane          pool, in parallel to the next batch
 *    image -> read -> [ image encode ]
 *             pool      lane
 *          |<------------------------- one ticket ------------------------->|
 * </pre>
 *
 * <p>{@code caller} is the thread that calls {@link #generate}; {@code lane} is the thread of a device, which runs the
 * requests of all engines in batches; {@code pool} is this engine's {@link EncodePool}. The text and the first frame
 * are encoded in parallel if they are on different devices.
 *
 * <p>A request holds a ticket from its admission to its answer. {@link RequestsInFlight} bounds the number of tickets,
 * and this is the only bound that the queues of the lanes and of the pool need. The ticket also carries the request's
 * deadline and its cancellation: a lane checks both before a run, the engine before it reads a first frame or encodes a
 * video.
 *
 * <p>The result of a stage is memory from a pool. The engine passes it to the next stage, keeps its ownership, and
 * closes it when that stage completes, with a result or a fault.
 */
public final class VideoEngine implements Engine {
    private final Model model;
    private final VideoEncoder encoder;
    private final EngineOptions options;
    private final LaneClock clock;
    private final Map<Integer, String> samplers;
    private final HeldLanes lanes;
    private final Dispatch<Tokens, TextEmbedding> text;
    private final Optional<FirstFrames> images;
    private final Dispatch<SamplingInput, Latents> generate;
    private final Dispatch<Latents, Frames> decode;
    private final RequestsInFlight requests;
    /** The tickets of the requests in flight, by the answers that callers have. */
    private final Map<CompletionStage<Video>, Ticket> cancellable = new ConcurrentHashMap<>();

    private final EncodePool pool;
    private final Watchdog watchdog;
    private final TimedCalls calls;
    private final EngineGauges gauges;

    private VideoEngine(
            Model model,
            VideoEncoder encoder,
            EngineOptions options,
            HeldLanes lanes,
            LaneClock clock,
            ProcessEnd processEnd) {
        this.model = model;
        this.encoder = encoder;
        this.options = options;
        this.clock = clock;
        this.samplers = model.samplers().stream().collect(Collectors.toMap(SamplerSpec::steps, SamplerSpec::name));
        this.lanes = lanes;
        this.text = lanes.text();
        this.pool = new EncodePool(options.encodeThreads());
        this.watchdog = Watchdog.start("encode", options.lane().limits(), clock, processEnd);
        this.calls = new TimedCalls(watchdog, clock);
        this.images = model.images()
                .map(source -> new FirstFrames(model, source, lanes.image().orElseThrow(), pool, calls));
        this.generate = lanes.generate();
        this.decode = lanes.decode();
        this.requests = new RequestsInFlight(options.inFlight(), clock);
        this.gauges = VideoGauges.of(requests, lanes);
    }

    /**
     * Opens an engine. When this returns, every stage is loaded and its batch size is measured for the usual shape. For
     * another shape it is measured with the first request that has it.
     *
     * @param model the model; the engine closes it, also if this fails
     * @param encoder encodes the frames
     * @param lanes the lanes of this process
     * @throws Exception if a stage cannot be loaded or run; nothing stays open then
     */
    public static VideoEngine open(
            Model model, VideoEncoder encoder, EngineOptions options, ModelLanes lanes, LaneClock clock)
            throws Exception {
        VideoEngine engine = closingOnFailure(model, () -> {
            HeldLanes held = HeldLanes.open(lanes, model, options.placement(), options.lane(), clock);
            return closingOnFailure(
                    held, () -> new VideoEngine(model, encoder, options, held, clock, lanes.processEnd()));
        });
        return closingOnFailure(engine, () -> {
            new EngineWarmUp(model, engine.lanes, engine.images, engine.requests).run();
            return engine;
        });
    }

    /** Calls {@code next}, and closes {@code opened} if that fails. */
    private static <T> T closingOnFailure(AutoCloseable opened, Callable<T> next) throws Exception {
        try {
            return next.call();
        } catch (Throwable e) {
            try (opened) {
                throw e;
            }
        }
    }

    @Override
    public CompletionStage<Video> generate(Prompt prompt) {
        return generate(prompt, Duration.ZERO);
    }

    @Override
    public CompletionStage<Video> generate(Prompt prompt, Duration ahead) {
        Tokens tokens = model.tokenizer().tokenize(prompt.text());
        Ticket ticket = requests.enter(prompt.requestId(), prompt.deadline(), ahead);
        // An exception inside of the first stage has to end the request, too, so it is a stage of the same chain.
        CompletionStage<Video> answer = ticket.admitted()
                .thenCompose(admitted -> runStages(prompt, tokens, ticket))
                .handle((video, fault) -> {
                    requests.leave(ticket);
                    return answer(video, fault);
                });
        cancellable.put(answer, ticket);
        answer.whenComplete((video, fault) -> cancellable.remove(answer));
        return answer;
    }

    /** Runs all stages. The lane's thread executes each step between two stages, so none of them may block. */
    private CompletionStage<Video> runStages(Prompt prompt, Tokens tokens, Ticket ticket) {
        return sample(prompt, tokens, ticket)
                .thenCompose(sampled -> AsyncResource.using(
                                sampled.generate().value(), latents -> decode.submit(latents, ticket))
                        .thenCompose(decoded -> AsyncResource.using(
                                decoded.value(),
                                frames -> encode(prompt, ticket, new StageResults(sampled, decoded)))));
    }

    private CompletionStage<StageResults.Sampled> sample(Prompt prompt, Tokens tokens, Ticket ticket) {
        return Conditioning.combine(firstFrame(prompt, ticket), text.submit(tokens, ticket))
                .thenCompose(encoded -> AsyncResource.using(
                        encoded,
                        conditioning -> generate.submit(
                                        new SamplingInput(
                                                conditioning.condition(),
                                                prompt.seed(),
                                                prompt.steps(),
                                                model.latentShape(prompt.shape())),
                                        ticket)
                                .thenApply(latents -> new StageResults.Sampled(conditioning, latents))));
    }

    /** Reads and encodes the prompt's first frame, if it has one. */
    private CompletionStage<Optional<Served<FirstFrame>>> firstFrame(Prompt prompt, Ticket ticket) {
        if (prompt.firstFrame().isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (images.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("model " + model.name() + " accepts no first frame, but request "
                            + prompt.requestId().value() + " has one; validate prompts against the model's limits"));
        }
        Runnable check = () -> requireActive(ticket, "its first frame was read");
        return images.get()
                .encode(prompt.firstFrame().get(), prompt.shape(), ticket, check)
                .thenApply(Optional::of);
    }

    private CompletionStage<Video> encode(Prompt prompt, Ticket ticket, StageResults results) {
        long decodedAt = clock.nanoTime();
        return CompletableFuture.supplyAsync(
                () -> {
                    requireActive(ticket, "its video was encoded");
                    Frames frames = results.decode().value();
                    Segment segment = calls.run(
                            TimedCalls.Kind.ENCODE,
                            prompt.shape(),
                            () -> encoder.encode(frames, model.frameRate(), SegmentPosition.WHOLE));
                    return video(prompt, segment, results, Duration.ofNanos(clock.nanoTime() - decodedAt));
                },
                pool);
    }

    /** Fails a request that is cancelled or expired. The pool needs this check; lanes have their own. */
    private void requireActive(Ticket ticket, String before) {
        Instant now = clock.instant();
        if (ticket.cancelled()) {
            throw new CancellationException("the request was cancelled before " + before);
        }
        if (ticket.deadline().filter(deadline -> !deadline.isAfter(now)).isPresent()) {
            throw new CompletionException(
                    new TimeoutException("the request's deadline passed before " + before + ", at " + now));
        }
    }

    private Video video(Prompt prompt, Segment segment, StageResults results, Duration encoding) {
        return new Video(
                prompt,
                List.of(segment),
                model.name(),
                model.digest(),
                Objects.requireNonNull(samplers.get(prompt.steps()), "no sampler for the request's number of steps"),
                results.timings(encoding),
                results.sampled().generate().batchSize(),
                clock.instant());
    }

    /**
     * Returns the video or throws the fault. An engine that closes cancels its requests; they fail with a rejection,
     * because no caller cancelled them.
     */
    private Video answer(@Nullable Video video, @Nullable Throwable fault) {
        if (video != null) {
            return video;
        }
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof CancellationException && requests.isClosed()) {
            throw requests.closedFault();
        }
        throw new CompletionException(cause instanceof HungRunException hung ? HungRun.failure(hung) : cause);
    }

    @Override
    public void cancel(CompletionStage<Video> answer) {
        Ticket ticket = cancellable.get(answer);
        if (ticket != null) {
            ticket.cancel();
        }
    }

    @Override
    public int usefulInFlight() {
        return options.usefulInFlight(gauges.devices());
    }

    @Override
    public boolean isUsable() {
        return !text.isOut() && !generate.isOut() && !decode.isOut();
    }

    @Override
    public EngineGauges gauges() {
        return gauges;
    }

    /** Ends all requests of this engine before it returns its leases of lanes. */
    @Override
    public void close() {
        requests.close();
        pool.close();
        watchdog.close();
        try {
            lanes.close();
        } finally {
            model.close();
        }
    }
}
