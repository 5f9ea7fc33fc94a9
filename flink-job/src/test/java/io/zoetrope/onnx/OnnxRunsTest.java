package io.zoetrope.onnx;

import static io.zoetrope.onnx.TinyStages.SHAPE;
import static io.zoetrope.onnx.TinyStages.condition;
import static io.zoetrope.onnx.TinyStages.embedding;
import static io.zoetrope.onnx.TinyStages.latents;
import static io.zoetrope.onnx.TinyStages.tokens;
import static io.zoetrope.onnx.TinyStages.videos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
import io.zoetrope.generate.TestSamplers;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tests on the tiny bundle that runs of one graph do not disturb each other, and which runs are refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnnxRunsTest {
    private final TinyStages stages = TinyStages.open();

    @AfterAll
    void close() {
        stages.close();
    }

    @Test
    void resultsAreNotChangedByLaterRuns() {
        List<Frames> first = stages.decoder.decode(videos(2, 2));
        FloatBuffer velocity = stages.velocity(latents(2, 1));
        for (int i = 3; i < 9; i++) {
            Pooled.closeAll(stages.decoder.decode(videos(2, i)));
            stages.generator
                    .velocity(latents(2, i), TestSamplers.at(1), Collections.nCopies(2, condition(embedding(1, 1))))
                    .close();
        }
        assertThat(first.get(1).yuv())
                .isEqualTo(stages.decoder.decode(videos(1, 2)).get(0).yuv());
        assertThat(velocity).isEqualTo(stages.velocity(latents(2, 1)));
    }

    @Test
    void inputsOfOneRunDoNotLeakIntoTheNext() {
        FloatBuffer expected =
                stages.textEncoder.encode(List.of(tokens(1, 4, 0, 0, 0))).get(0).values();
        stages.textEncoder.encode(List.of(tokens(4, 9, 8, 7, 6)));

        assertThat(stages.textEncoder
                        .encode(List.of(tokens(1, 4, 0, 0, 0)))
                        .get(0)
                        .values())
                .isEqualTo(expected);
    }

    @Test
    void moreShapesThanAreKeptCanAlternate() {
        for (int round = 0; round < 2; round++) {
            for (int length = 2; length < 40; length++) {
                long[] ids = new long[length];
                ids[0] = 4;
                ids[1] = 6;
                List<TextEmbedding> text = stages.textEncoder.encode(List.of(tokens(2, ids)));
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
                    .withMessageContaining("[16x16], got 32x32");
            assertThat(own.outstanding()).isZero();
            Pooled.closeAll(refusing.decode(videos(2, 1)));
            assertThat(own.outstanding()).isZero();
        }
    }

    @Test
    void manyThreadsShareASession() {
        LatentBatch x = latents(2, 1);
        FloatBuffer expected = stages.velocity(x);
        List<FloatBuffer> results = Collections.nCopies(500, x).parallelStream()
                .map(stages::velocity)
                .toList();
        assertThat(results).allMatch(expected::equals);
    }

    @Test
    void batchSizeBeyondTheGraphIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.decoder.decode(videos(5, 0)))
                .withMessageContaining("decoder.onnx")
                .withMessageContaining("1 to 4")
                .withMessageContaining("got 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.textEncoder.encode(List.of()))
                .withMessageContaining("got 0");
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
    void closeWaitsForConcurrentRuns() throws InterruptedException {
        OnnxGenerator busy = OnnxGenerator.open(
                ModelBundle.open(BundleFolder.original()), "generator", TestSessions.withOneThread());
        LatentBatch x = latents(4, 1);
        List<Condition> text = Collections.nCopies(4, condition(embedding(1, 1)));
        CountDownLatch running = new CountDownLatch(3);
        List<CompletableFuture<Void>> runners = Stream.generate(() -> CompletableFuture.runAsync(
                        () -> {
                            for (boolean first = true; ; first = false) {
                                busy.velocity(x, TestSamplers.at(1), text);
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
}
