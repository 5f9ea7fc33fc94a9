package io.zoetrope.engine;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Latents;
import io.zoetrope.hosting.HeldLanes;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.SamplingInput;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.Picture;
import io.zoetrope.image.PictureReader;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One job's way through a model: its requests, its encoders, and its holds on lanes that it may share with other jobs.
 *
 * <pre>
 * prompt -> tokens -> [ text encode ] -> [ sample ] -> [ decode ] -> encode -> video
 *           caller      lane           /   lane          lane          pool, beside the next batch
 *    image -> read -> [ image encode ]
 *             pool      lane
 *          |<------------------------- one ticket ------------------------->|
 * </pre>
 *
 * <p>A request holds a ticket from its entry to its answer, and that is all that bounds the queues behind. What a stage
 * makes is lent to the next and closed when that is done with it, however it ends.
 */
public final class VideoEngine implements Engine {
    private static final RequestId WARM_UP = new RequestId("warm-up");

    private final Model model;
    private final VideoEncoder encoder;
    private final LaneClock clock;
    private final Map<Integer, String> samplers;
    private final HeldLanes lanes;
    private final Dispatch<Tokens, TextEmbedding> text;
    private final Optional<FirstFrames> images;
    private final Dispatch<SamplingInput, Latents> generate;
    private final Dispatch<Latents, Frames> decode;
    private final RequestsInFlight flights;
    private final EncodePool pool;
    private final EngineGauges gauges;

    private VideoEngine(Model model, VideoEncoder encoder, EngineOptions options, HeldLanes lanes, LaneClock clock) {
        this.model = model;
        this.encoder = encoder;
        this.clock = clock;
        this.samplers = model.samplers().stream().collect(Collectors.toMap(SamplerSpec::steps, SamplerSpec::name));
        this.lanes = lanes;
        this.text = lanes.text();
        this.images = model.images()
                .map(each -> new FirstFrames(each.reader(), lanes.image().orElseThrow()));
        this.generate = lanes.generate();
        this.decode = lanes.decode();
        this.flights = new RequestsInFlight(options.inFlight(), clock);
        this.pool = new EncodePool(options.encodeThreads());
        this.gauges = VideoGauges.of(flights, lanes);
    }

    /** How first frames are read and encoded. */
    private record FirstFrames(PictureReader reader, Dispatch<Picture, FirstFrame> encoder) {}

    /**
     * Opens an engine: when it returns, every stage is loaded, and knows how large its batches shall be of the
     * usual shape; of other shapes it finds out when they come.
     *
     * @param model which the engine closes, also when it cannot be opened
     * @param encoder of the frames
     * @param lanes of this process
     * @throws Exception if a stage cannot be loaded or run; nothing stays open then
     */
    public static VideoEngine open(
            Model model, VideoEncoder encoder, EngineOptions options, ModelLanes lanes, LaneClock clock)
            throws Exception {
        VideoEngine engine = open(model, () -> {
            HeldLanes held = HeldLanes.open(lanes, model, options.placement(), options.lane(), clock);
            return open(held, () -> new VideoEngine(model, encoder, options, held, clock));
        });
        return open(engine, () -> {
            engine.warmUp();
            return engine;
        });
    }

    /** Closes what is open so far if no more can be opened on it. */
    private static <T> T open(AutoCloseable soFar, Callable<T> more) throws Exception {
        try {
            return more.call();
        } catch (Throwable e) {
            try (soFar) {
                throw e;
            }
        }
    }

    /** A prompt through all stages once, measuring each; not again where an engine before has done it. */
    private void warmUp() throws Exception {
        if (lanes.warm()) {
            return;
        }
        Tokens tokens = model.tokenizer().tokenize(WARM_UP.value());
        int steps = Collections.min(samplers.keySet());
        Ticket ticket = flights.enter(WARM_UP, Optional.empty());
        HeldLanes.get(text.warm(tokens, ticket)
                .thenCompose(warm -> text.submit(tokens, ticket))
                .thenCompose(embedded -> Lending.lend(embedded.value(), embedding -> {
                    SamplingInput scene = new SamplingInput(Condition.ofText(embedding), 0, steps);
                    return generate.warm(scene, ticket).thenCompose(warm -> generate.submit(scene, ticket));
                }))
                .thenCompose(sampled -> Lending.lend(sampled.value(), latents -> decode.warm(latents, ticket)))
                .thenCompose(warm -> warmUpImages(ticket))
                .whenComplete((done, fault) -> flights.leave(ticket))
                .toCompletableFuture());
        lanes.warmed();
    }

    private CompletionStage<Void> warmUpImages(Ticket ticket) {
        return images.map(each -> each.encoder().warm(each.reader().blank(), ticket))
                .orElse(CompletableFuture.completedFuture(null));
    }

    @Override
    public CompletionStage<Video> generate(Prompt prompt) throws InterruptedException {
        Tokens tokens = model.tokenizer().tokenize(prompt.text());
        Ticket ticket = flights.enter(prompt.requestId(), prompt.deadline());
        return through(prompt, tokens, ticket).handle((video, fault) -> {
            flights.leave(ticket);
            return answer(video, fault);
        });
    }

    /** What a stage made is closed as soon as the next is done with it; each hand-over is quick, for a lane makes it. */
    private CompletionStage<Video> through(Prompt prompt, Tokens tokens, Ticket ticket) {
        return sample(prompt, tokens, ticket)
                .thenCompose(sampled -> Lending.lend(
                                sampled.generate().value(), latents -> decode.submit(latents, ticket))
                        .thenCompose(decoded -> Lending.lend(
                                decoded.value(), frames -> encode(prompt, ticket, new Passed(sampled, decoded)))));
    }

    private CompletionStage<Sampled> sample(Prompt prompt, Tokens tokens, Ticket ticket) {
        return Conditioning.both(firstFrame(prompt, ticket), text.submit(tokens, ticket))
                .thenCompose(told -> Lending.lend(
                        told,
                        lent -> generate.submit(
                                        new SamplingInput(lent.condition(), prompt.seed(), prompt.steps()), ticket)
                                .thenApply(sampled -> new Sampled(lent, sampled))));
    }

    /** Of a prompt that brings an image; read by the encoders' threads, for that takes time and any bytes may come. */
    private CompletionStage<Optional<Served<FirstFrame>>> firstFrame(Prompt prompt, Ticket ticket) {
        if (prompt.firstFrame().isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (images.isEmpty()) {
            return CompletableFuture.failedFuture(new IllegalArgumentException(
                    model.name() + " takes no first frame; prompts are validated against its limits"));
        }
        FirstFrames ready = images.get();
        ByteBuffer image = prompt.firstFrame().get();
        return CompletableFuture.supplyAsync(
                        () -> {
                            requireWanted(ticket, "its first frame was read");
                            return ready.reader().read(image);
                        },
                        pool)
                .thenCompose(picture -> ready.encoder().submit(picture, ticket))
                .thenApply(Optional::of);
    }

    /** How a request came to its latents; what it was told is closed by then. */
    private record Sampled(Conditioning told, Served<Latents> generate) {
        Duration queued() {
            return told.queued().plus(generate.queued());
        }
    }

    /** How the stages served a request. */
    private record Passed(Sampled sampled, Served<Frames> decode) {
        Duration queued() {
            return sampled.queued().plus(decode.queued());
        }
    }

    private CompletionStage<Video> encode(Prompt prompt, Ticket ticket, Passed passed) {
        long ready = clock.nanoTime();
        return CompletableFuture.supplyAsync(
                () -> {
                    requireWanted(ticket, "its video was encoded");
                    Segment segment = encoder.encode(passed.decode().value(), model.frameRate(), SegmentPosition.WHOLE);
                    return video(prompt, segment, passed, Duration.ofNanos(clock.nanoTime() - ready));
                },
                pool);
    }

    /** Lanes look for themselves; the encoders are none. */
    private void requireWanted(Ticket ticket, String before) {
        Instant now = clock.instant();
        if (ticket.cancelled()) {
            throw new CancellationException("the request was cancelled before " + before);
        }
        if (ticket.deadline().filter(deadline -> !deadline.isAfter(now)).isPresent()) {
            throw new CompletionException(
                    new TimeoutException("the request's deadline passed before " + before + ", at " + now));
        }
    }

    private Video video(Prompt prompt, Segment segment, Passed passed, Duration encoding) {
        return new Video(
                prompt,
                List.of(segment),
                model.name(),
                model.digest(),
                Objects.requireNonNull(samplers.get(prompt.steps()), "a sampler made it"),
                new Timings(
                        passed.queued(),
                        passed.sampled().told().ran(),
                        passed.sampled().generate().ran(),
                        passed.decode().ran(),
                        encoding),
                passed.sampled().generate().batchSize(),
                clock.instant());
    }

    /** An engine that closes ends its requests by cancelling them; nobody asked for that, so it is not said. */
    private Video answer(@Nullable Video video, @Nullable Throwable fault) {
        if (video != null) {
            return video;
        }
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof CancellationException && flights.isClosed()) {
            throw flights.closedFault();
        }
        throw new CompletionException(cause);
    }

    @Override
    public void cancel(RequestId requestId) {
        flights.cancel(requestId);
    }

    @Override
    public EngineGauges gauges() {
        return gauges;
    }

    /** Nothing of this engine waits or runs when its holds on the lanes are given back. */
    @Override
    public void close() {
        flights.close();
        pool.close();
        try {
            lanes.close();
        } finally {
            model.close();
        }
    }
}
