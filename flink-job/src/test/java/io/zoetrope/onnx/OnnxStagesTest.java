package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** On the tiny bundle, whose graphs are sums that a reader can do; see tiny_bundle.py. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnnxStagesTest {
    private static final LatentShape SHAPE = new LatentShape(2, 2, 2, 2);

    private final BufferPool buffers = new BufferPool(1 << 20);
    private OnnxTextEncoder textEncoder;
    private OnnxGenerator generator;
    private OnnxFrameDecoder decoder;

    @BeforeAll
    void open() {
        ModelBundle bundle = ModelBundle.open(BundleFolder.original());
        SessionSpec how = TestSessions.with(1, buffers);
        textEncoder = OnnxTextEncoder.open(bundle, how);
        generator = OnnxGenerator.open(bundle, how);
        decoder = OnnxFrameDecoder.open(bundle, how);
    }

    @AfterAll
    void close() {
        textEncoder.close();
        generator.close();
        decoder.close();
    }

    @Test
    void textIsEncodedWithoutItsPadding() {
        TextEmbedding embedding =
                textEncoder.encode(List.of(tokens(2, 4, 6, 0, 0))).get(0);

        // e(id) plus the mean of e over 4 and 6, where e(id) = (id, id/2, id/4, 1)
        assertThat(embedding.length()).isEqualTo(2);
        assertThat(embedding.paddedLength()).isEqualTo(4);
        assertThat(embedding.values().slice(0, 8))
                .isEqualTo(FloatBuffer.wrap(new float[] {9, 4.5f, 2.25f, 2, 11, 5.5f, 2.75f, 2}));
    }

    @Test
    void generatorSeesLatentsTimestepAndTheRealWordsOnly() {
        LatentBatch x = latents(1, 8);
        LatentBatch velocity = generator.velocity(x, 0.25f, List.of(told(embedding(2, 3, 5, 100))));

        // gain[channel] x latents + timestep + the mean of 3 and 5
        assertThat(generator.latentShape()).isEqualTo(SHAPE);
        assertThat(velocity.values().get(0)).isEqualTo(0.5f * 8 + 0.25f + 4);
        assertThat(velocity.values().get(SHAPE.size() - 1)).isEqualTo(0.25f * 8 + 0.25f + 4);
    }

    @Test
    void generatorStartsFromTheFirstFramesThatAreGiven() {
        FirstFrame shown = new FirstFrame(TestBuffers.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}));
        TextEmbedding text = embedding(2, 3, 5, 100);
        Condition with = new Condition(text, Optional.of(shown));
        Condition without = told(text);
        try (OnnxGenerator imageGenerator =
                OnnxGenerator.open(ModelBundle.open(BundleFolder.withImages()), TestSessions.with(1, buffers))) {
            for (List<Condition> mixed : List.of(List.of(with, without), List.of(without, with))) {
                FloatBuffer velocity =
                        imageGenerator.velocity(latents(2, 0), 0.25f, mixed).values();
                for (int i = 0; i < 2 * SHAPE.size(); i++) {
                    int video = i / SHAPE.size();
                    int channel = i / 8 % 2;
                    // Each latent frame of four cells has the first frame added.
                    float start = mixed.get(video).equals(with) ? channel * 4 + i % 4 + 1 : 0;
                    assertThat(velocity.get(i)).isEqualTo(0.25f + 4 + start);
                }
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.velocity(latents(1, 0), 1, List.of(with)))
                .withMessageContaining("expected no first frame");
    }

    @Test
    void decoderGivesTheEncodersBytes() {
        Frames frames = decoder.decode(videos(1, 2)).get(0);

        assertThat(frames.count()).isEqualTo(5);
        assertThat(frames.width()).isEqualTo(16);
        assertThat(frames.height()).isEqualTo(16);
        // 100 + 10 x 2 + 4 f + y + 2 x
        assertThat(frames.yuv().get(0)).isEqualTo((byte) 120);
        assertThat(frames.yuv().get(frames.yuv().capacity() - 1)).isEqualTo((byte) (120 + 4 * 4 + 23 + 2 * 15));
    }

    @Test
    void eachOfABatchGetsWhatItGetsAlone() {
        List<Tokens> prompts = List.of(tokens(3, 4, 6, 7, 0), tokens(1, 9, 0, 0, 0), tokens(4, 1, 2, 3, 4));
        List<TextEmbedding> together = textEncoder.encode(prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(together.get(i).values())
                    .isEqualTo(
                            textEncoder.encode(List.of(prompts.get(i))).get(0).values());
        }

        FloatBuffer values = FloatBuffer.allocate(3 * SHAPE.size());
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, i * 0.01f);
        }
        LatentBatch x = new LatentBatch(TestBuffers.floats(values), 3, SHAPE);
        FloatBuffer velocity = generator
                .velocity(x, 0.5f, together.stream().map(Condition::ofText).toList())
                .values();
        List<Latents> videos = IntStream.range(0, 3)
                .mapToObj(i -> new Latents(TestBuffers.floats(values.slice(i * SHAPE.size(), SHAPE.size())), SHAPE))
                .toList();
        List<Frames> frames = decoder.decode(videos);
        for (int i = 0; i < 3; i++) {
            LatentBatch one =
                    new LatentBatch(TestBuffers.floats(values.slice(i * SHAPE.size(), SHAPE.size())), 1, SHAPE);
            assertThat(generator
                            .velocity(one, 0.5f, List.of(told(together.get(i))))
                            .values())
                    .isEqualTo(velocity.slice(i * SHAPE.size(), SHAPE.size()));
            assertThat(decoder.decode(videos.subList(i, i + 1)).get(0).yuv())
                    .isEqualTo(frames.get(i).yuv());
        }
    }

    @Test
    void whatARunGaveIsNotTouchedByTheNext() {
        List<Frames> first = decoder.decode(videos(2, 2));
        FloatBuffer velocity = velocity(latents(2, 1));
        for (int i = 3; i < 9; i++) {
            Pooled.closeAll(decoder.decode(videos(2, i)));
            generator
                    .velocity(latents(2, i), 1, Collections.nCopies(2, told(embedding(1, 1))))
                    .close();
        }
        assertThat(first.get(1).yuv())
                .isEqualTo(decoder.decode(videos(1, 2)).get(0).yuv());
        assertThat(velocity).isEqualTo(velocity(latents(2, 1)));
    }

    @Test
    void inputsOfOneRunDoNotShineThroughInTheNext() {
        FloatBuffer expected =
                textEncoder.encode(List.of(tokens(1, 4, 0, 0, 0))).get(0).values();
        textEncoder.encode(List.of(tokens(4, 9, 8, 7, 6)));

        assertThat(textEncoder.encode(List.of(tokens(1, 4, 0, 0, 0))).get(0).values())
                .isEqualTo(expected);
    }

    @Test
    void moreShapesThanAreKeptComeAndGo() {
        for (int round = 0; round < 2; round++) {
            for (int length = 2; length < 40; length++) {
                long[] ids = new long[length];
                ids[0] = 4;
                ids[1] = 6;
                List<TextEmbedding> text = textEncoder.encode(List.of(tokens(2, ids)));
                assertThat(text.get(0).values().get(0)).isEqualTo(4 + 5);
                Pooled.closeAll(text);
            }
        }
    }

    @Test
    void aRefusedBatchTakesNoMemory() {
        BufferPool own = new BufferPool(1 << 20);
        try (OnnxFrameDecoder refusing =
                OnnxFrameDecoder.open(ModelBundle.open(BundleFolder.original()), TestSessions.with(1, own))) {
            Latents closed = new Latents(TestBuffers.floats(new float[SHAPE.size()]), SHAPE);
            closed.close();
            Latents foreign = new Latents(TestBuffers.floats(new float[SHAPE.size()]), new LatentShape(1, 1, 4, 4));

            assertThatIllegalStateException().isThrownBy(() -> refusing.decode(List.of(closed)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> refusing.decode(List.of(foreign)))
                    .withMessageContaining("height=4");
            assertThat(own.outstanding()).isZero();
            Pooled.closeAll(refusing.decode(videos(2, 1)));
            assertThat(own.outstanding()).isZero();
        }
    }

    @Test
    void manyThreadsShareASession() {
        LatentBatch x = latents(2, 1);
        FloatBuffer expected = velocity(x);
        List<FloatBuffer> results =
                Collections.nCopies(500, x).parallelStream().map(this::velocity).toList();
        assertThat(results).allMatch(expected::equals);
    }

    @Test
    void batchThatTheGraphWasNotMadeForIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decoder.decode(videos(5, 0)))
                .withMessageContaining("decoder.onnx")
                .withMessageContaining("1 to 4")
                .withMessageContaining("got 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> textEncoder.encode(List.of()))
                .withMessageContaining("got 0");
    }

    @Test
    void promptsOfOneBatchHaveOneLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> textEncoder.encode(List.of(tokens(1, 4, 0), tokens(1, 4, 0, 0))))
                .withMessageContaining("one padded length, 2, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        generator.velocity(latents(2, 0), 1, List.of(told(embedding(1, 1)), told(embedding(1, 1, 2)))))
                .withMessageContaining("[1,4]")
                .withMessageContaining("[2,4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.velocity(latents(2, 0), 1, List.of(told(embedding(1, 1)))))
                .withMessageContaining("each of 2 videos, got 1");
    }

    @Test
    void closedGraphRefusesInsteadOfCrashing() {
        OnnxFrameDecoder closed =
                OnnxFrameDecoder.open(ModelBundle.open(BundleFolder.original()), TestSessions.withOneThread());
        closed.close();
        closed.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.decode(videos(1, 0)))
                .withMessageContaining("decoder.onnx: the graph is closed");
    }

    @Test
    void closeUnderRunsWaitsForThem() throws InterruptedException {
        OnnxGenerator busy =
                OnnxGenerator.open(ModelBundle.open(BundleFolder.original()), TestSessions.withOneThread());
        LatentBatch x = latents(4, 1);
        List<Condition> text = Collections.nCopies(4, told(embedding(1, 1)));
        CountDownLatch running = new CountDownLatch(3);
        List<CompletableFuture<Void>> runners = Stream.generate(() -> CompletableFuture.runAsync(
                        () -> {
                            for (boolean first = true; ; first = false) {
                                busy.velocity(x, 1, text);
                                if (first) {
                                    running.countDown();
                                }
                            }
                        },
                        runner -> new Thread(runner, "runner").start()))
                .limit(running.getCount())
                .toList();

        running.await();
        busy.close();

        // A session freed under a run would have ended this process.
        for (CompletableFuture<Void> runner : runners) {
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(runner::join)
                    .withCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void threadCountDoesNotChangeTheNumbers() {
        try (OnnxGenerator two =
                OnnxGenerator.open(ModelBundle.open(BundleFolder.original()), TestSessions.with(2, buffers))) {
            LatentBatch x = latents(1, 3);
            FloatBuffer velocity =
                    two.velocity(x, 1, List.of(told(embedding(1, 1)))).values();
            assertThat(velocity.get(0)).isCloseTo(velocity(x).get(0), within(0f));
        }
    }

    private FloatBuffer velocity(LatentBatch x) {
        return generator
                .velocity(x, 1, Collections.nCopies(x.batch(), told(embedding(1, 1))))
                .values();
    }

    private static Tokens tokens(int length, long... ids) {
        return new Tokens(LongBuffer.wrap(ids), length);
    }

    private static Condition told(TextEmbedding text) {
        return Condition.ofText(text);
    }

    /** Rows of width 4 that begin with the given numbers. */
    private static TextEmbedding embedding(int length, float... firsts) {
        FloatBuffer values = FloatBuffer.allocate(firsts.length * 4);
        for (int row = 0; row < firsts.length; row++) {
            values.put(row * 4, firsts[row]);
        }
        return new TextEmbedding(TestBuffers.floats(values), length, 4);
    }

    private static LatentBatch latents(int batch, float value) {
        float[] values = new float[batch * SHAPE.size()];
        Arrays.fill(values, value);
        return new LatentBatch(TestBuffers.floats(values), batch, SHAPE);
    }

    private static List<Latents> videos(int count, float value) {
        return Collections.nCopies(
                count, new Latents(TestBuffers.floats(latents(1, value).values()), SHAPE));
    }
}
