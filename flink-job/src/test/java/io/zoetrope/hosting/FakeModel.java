package io.zoetrope.hosting;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import io.zoetrope.image.PictureReader;
import io.zoetrope.lane.ProcessEnd;
import io.zoetrope.lane.RunLimits;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A model whose stages compute almost nothing. Its frames have 2x2 pixels and contain the sampled noise, so that clips
 * of different seeds differ. Records what is opened, run, closed, and taken from the buffer pools.
 */
public final class FakeModel implements Model {
    public static final FrameRate RATE = new FrameRate(12, 1);
    public static final long FILE_BYTES = 100;
    public static final LatentShape SHAPE = new LatentShape(1, 1, 1, 1);
    public static final VideoShape VIDEO = new VideoShape(2, 2, 1);
    public static final byte NO_IMAGE = -1;
    /** Limits that no run of a test reaches. */
    public static final RunLimits LIMITS = new RunLimits(Duration.ofSeconds(30), Duration.ofMinutes(10));
    /** Fails the watchdog's thread: the process of a test must not end. */
    public static final ProcessEnd NO_END = reason -> {
        throw new AssertionError(reason);
    };
    /** The smallest buffer of a pool, once each for text, latents, velocity and frames. */
    public static final long MOST_REQUEST_BYTES = 4 << 10;

    /** A callback on the lane's thread before a stage runs. */
    public interface OnRun {
        void run(String stage, int batch);
    }

    /** {@code stage:device} of each opened stage, in order. */
    public final List<String> opened = Collections.synchronizedList(new ArrayList<>());
    /** {@code stage:device} of each closed stage, or {@code tokenizer}, in order. */
    public final List<String> closed = Collections.synchronizedList(new ArrayList<>());
    /** {@code stage:device:batch} of each run, in order. */
    public final List<String> runs = Collections.synchronizedList(new ArrayList<>());
    /** The names of the threads that read an image. */
    public final Set<String> readers = Collections.synchronizedSet(new HashSet<>());
    /** The names of the threads that opened or ran a stage. */
    public final Set<String> threads = Collections.synchronizedSet(new HashSet<>());
    /** The names of the threads whose runs the watchdog has ended. */
    public final Set<String> endedRuns = Collections.synchronizedSet(new HashSet<>());
    /** True if the model accepts first frames. An image file is one byte: its brightness, or {@link #NO_IMAGE}. */
    public volatile boolean takesImages;
    /** The {@code stage:device} that throws when it is closed. */
    public volatile String failsToClose = "";
    /** The stage that throws when it is opened. */
    public volatile String failsToOpen = "";

    private final Set<BufferPool> pools = Collections.synchronizedSet(new HashSet<>());
    private final String digest;
    private volatile OnRun onRun = (stage, batch) -> {};
    private volatile Consumer<String> onOpen = stage -> {};

    public FakeModel(String digest) {
        this.digest = digest;
    }

    /** Calls {@code action} before every run from now on. */
    public void onRun(OnRun action) {
        onRun = action;
    }

    /** Calls {@code action} before every stage is opened from now on. */
    public void onOpen(Consumer<String> action) {
        onOpen = action;
    }

    /** Records a run and calls the action that a test has set. */
    void runs(String stage, StageContext context, int batch) {
        threads.add(Thread.currentThread().getName());
        runs.add(stage + ":" + context.device() + ":" + batch);
        onRun.run(stage, batch);
    }

    /** Returns the bytes of all buffers that were taken and not returned. */
    public long outstandingBytes() {
        return List.copyOf(pools).stream()
                .mapToLong(BufferPool::outstandingBytes)
                .sum();
    }

    /** Returns the number of buffers that were taken and not returned. */
    public int outstanding() {
        return pools.stream().mapToInt(BufferPool::outstanding).sum();
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public FrameRate frameRate() {
        return RATE;
    }

    @Override
    public VideoShape defaultShape() {
        return VIDEO;
    }

    @Override
    public LatentShape latentShape(VideoShape shape) {
        return SHAPE;
    }

    @Override
    public int defaultSteps() {
        return samplers().get(0).steps();
    }

    @Override
    public List<SamplerSpec> samplers() {
        return List.of(
                new SamplerSpec("one-step", SamplerSpec.Kind.RENOISE, List.of(1f), List.of(1f), List.of("g")),
                new SamplerSpec(
                        "two-step", SamplerSpec.Kind.RENOISE, List.of(1f, 0.5f), List.of(1f, 0.5f), List.of("g", "g")));
    }

    @Override
    public MaxBatch maxBatch() {
        return new MaxBatch(4, 4, 4);
    }

    /** Returns one token per character, padded to a multiple of four; at most twelve. */
    @Override
    public Tokenizer tokenizer() {
        return prompt -> {
            int length = prompt.length();
            if (length > 12) {
                throw new RequestException(FailureCode.PROMPT_TOO_LONG, "text", "too long");
            }
            return new Tokens(LongBuffer.allocate((length + 3) / 4 * 4), length);
        };
    }

    @Override
    public Optional<Images> images() {
        return takesImages ? Optional.of(new FakeImages()) : Optional.empty();
    }

    @Override
    public TextEncoder openTextEncoder(StageContext context) {
        return open(new FakeStages.Text(this, context), "text", context);
    }

    @Override
    public Generator openGenerator(String name, StageContext context) {
        return open(new FakeStages.Generation(this, context), "generate", context);
    }

    @Override
    public FrameDecoder openDecoder(StageContext context) {
        return open(new FakeStages.Decoding(this, context), "decode", context);
    }

    @Override
    public void close() {
        closed.add("tokenizer");
    }

    private <S extends FakeStage> S open(S fake, String stage, StageContext context) {
        threads.add(Thread.currentThread().getName());
        onOpen.accept(stage);
        if (failsToOpen.equals(stage)) {
            throw new IllegalStateException("planted in opening " + stage);
        }
        opened.add(stage + ":" + context.device());
        pools.add(context.buffers());
        return fake;
    }

    private final class FakeImages implements Images, PictureReader {
        @Override
        public PictureReader reader(VideoShape shape) {
            return this;
        }

        @Override
        public int maxBatch() {
            return 4;
        }

        @Override
        public ImageEncoder openEncoder(StageContext context) {
            return open(new FakeStages.Image(FakeModel.this, context), "image", context);
        }

        @Override
        public Picture read(ByteBuffer image) {
            byte brightness = image.get(image.position());
            if (brightness == NO_IMAGE) {
                throw new RequestException(FailureCode.IMAGE_REJECTED, "image", "no image");
            }
            readers.add(Thread.currentThread().getName());
            return new Picture(ByteBuffer.wrap(new byte[] {brightness, 0, 0}), 1, 1);
        }

        @Override
        public Picture blank() {
            return new Picture(ByteBuffer.allocate(3), 1, 1);
        }
    }
}
