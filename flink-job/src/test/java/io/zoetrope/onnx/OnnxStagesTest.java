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
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.TestSamplers;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tests on the tiny bundle that each stage computes what its graph states. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnnxStagesTest {
    private final TinyStages stages = TinyStages.open();

    @AfterAll
    void close() {
        stages.close();
    }

    @Test
    void textIsEncodedWithoutItsPadding() {
        TextEmbedding embedding =
                stages.textEncoder.encode(List.of(tokens(2, 4, 6, 0, 0))).get(0);

        // e(id) plus the mean of e over 4 and 6, where e(id) = (id, id/2, id/4, 1)
        assertThat(embedding.length()).isEqualTo(2);
        assertThat(embedding.paddedLength()).isEqualTo(4);
        assertThat(embedding.values().slice(0, 8))
                .isEqualTo(FloatBuffer.wrap(new float[] {9, 4.5f, 2.25f, 2, 11, 5.5f, 2.75f, 2}));
    }

    @Test
    void generatorReadsLatentsTimestepAndUnpaddedText() {
        LatentBatch x = latents(1, 8);
        LatentBatch velocity =
                stages.generator.velocity(x, TestSamplers.at(0.25f), List.of(condition(embedding(2, 3, 5, 100))));

        // gain[channel] x latents + timestep + the mean of 3 and 5
        assertThat(velocity.values().get(0)).isEqualTo(0.5f * 8 + 0.25f + 4);
        assertThat(velocity.values().get(SHAPE.size() - 1)).isEqualTo(0.25f * 8 + 0.25f + 4);
    }

    @Test
    void generatorStartsFromGivenFirstFrames() {
        FirstFrame firstFrame = new FirstFrame(TestBuffers.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}));
        TextEmbedding text = embedding(2, 3, 5, 100);
        Condition with = new Condition(text, Optional.of(firstFrame));
        Condition without = condition(text);
        try (OnnxGenerator imageGenerator = OnnxGenerator.open(
                ModelBundle.open(BundleFolder.withImages()), "generator", TestSessions.withOneThread())) {
            for (List<Condition> mixed : List.of(List.of(with, without), List.of(without, with))) {
                FloatBuffer velocity = imageGenerator
                        .velocity(latents(2, 0), TestSamplers.at(0.25f), mixed)
                        .values();
                for (int i = 0; i < 2 * SHAPE.size(); i++) {
                    int video = i / SHAPE.size();
                    int channel = i / 8 % 2;
                    // The first frame is added to each latent frame of four cells.
                    float start = mixed.get(video).equals(with) ? channel * 4 + i % 4 + 1 : 0;
                    assertThat(velocity.get(i)).isEqualTo(0.25f + 4 + start);
                }
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.generator.velocity(latents(1, 0), TestSamplers.at(1), List.of(with)))
                .withMessageContaining("expected no first frame");
    }

    @Test
    void decoderReturnsTheEncodersBytes() {
        Frames frames = stages.decoder.decode(videos(1, 2)).get(0);

        assertThat(frames.count()).isEqualTo(5);
        assertThat(frames.width()).isEqualTo(16);
        assertThat(frames.height()).isEqualTo(16);
        // 100 + 10 x 2 + 4 f + y + 2 x
        assertThat(frames.yuv().get(0)).isEqualTo((byte) 120);
        assertThat(frames.yuv().get(frames.yuv().capacity() - 1)).isEqualTo((byte) (120 + 4 * 4 + 23 + 2 * 15));
    }

    @Test
    void aNanInsideTheDecoderFailsTheRequest() {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> stages.decoder.decode(videos(1, Float.NaN)))
                .withMessageContaining("decoder.onnx: expected frames with levels from 16 to 240, got 1920 of 1920");
    }

    @Test
    void resultsInABatchEqualThoseAlone() {
        List<Tokens> prompts = List.of(tokens(3, 4, 6, 7, 0), tokens(1, 9, 0, 0, 0), tokens(4, 1, 2, 3, 4));
        List<TextEmbedding> together = stages.textEncoder.encode(prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(together.get(i).values())
                    .isEqualTo(stages.textEncoder
                            .encode(List.of(prompts.get(i)))
                            .get(0)
                            .values());
        }

        FloatBuffer values = FloatBuffer.allocate(3 * SHAPE.size());
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, i * 0.01f);
        }
        LatentBatch x = new LatentBatch(TestBuffers.floats(values), 3, SHAPE);
        FloatBuffer velocity = stages.generator
                .velocity(
                        x,
                        TestSamplers.at(0.5f),
                        together.stream().map(Condition::ofText).toList())
                .values();
        List<Latents> videos = IntStream.range(0, 3)
                .mapToObj(i -> new Latents(TestBuffers.floats(values.slice(i * SHAPE.size(), SHAPE.size())), SHAPE))
                .toList();
        List<Frames> frames = stages.decoder.decode(videos);
        for (int i = 0; i < 3; i++) {
            LatentBatch one =
                    new LatentBatch(TestBuffers.floats(values.slice(i * SHAPE.size(), SHAPE.size())), 1, SHAPE);
            assertThat(stages.generator
                            .velocity(one, TestSamplers.at(0.5f), List.of(condition(together.get(i))))
                            .values())
                    .isEqualTo(velocity.slice(i * SHAPE.size(), SHAPE.size()));
            assertThat(stages.decoder.decode(videos.subList(i, i + 1)).get(0).yuv())
                    .isEqualTo(frames.get(i).yuv());
        }
    }

    @Test
    void promptsOfOneBatchHaveOneLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.textEncoder.encode(List.of(tokens(1, 4, 0), tokens(1, 4, 0, 0))))
                .withMessageContaining("one padded length, 2, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.generator.velocity(
                        latents(2, 0),
                        TestSamplers.at(1),
                        List.of(condition(embedding(1, 1)), condition(embedding(1, 1, 2)))))
                .withMessageContaining("[1,4]")
                .withMessageContaining("[2,4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stages.generator.velocity(
                        latents(2, 0), TestSamplers.at(1), List.of(condition(embedding(1, 1)))))
                .withMessageContaining("each of 2 videos, got 1");
    }

    @Test
    void threadCountDoesNotChangeTheNumbers() {
        try (OnnxGenerator two = OnnxGenerator.open(
                ModelBundle.open(BundleFolder.original()),
                "generator",
                TestSessions.with(2, new BufferPool(1 << 20)))) {
            LatentBatch x = latents(1, 3);
            FloatBuffer velocity = two.velocity(x, TestSamplers.at(1), List.of(condition(embedding(1, 1))))
                    .values();
            assertThat(velocity.get(0)).isCloseTo(stages.velocity(x).get(0), within(0f));
        }
    }
}
