package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Noise;
import io.zoetrope.generate.Schedule;
import io.zoetrope.generate.TestSamplers;
import io.zoetrope.golden.Golden;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the shipped bundle computes the tensors of the export, from a prompt's tokens to its frames. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShippedBundleTest {
    private static final LatentShape SHAPE = new LatentShape(12, 5, 8, 8);
    private static final double RELATIVE_BOUND = 1e-3;

    private final BufferPool buffers = new BufferPool(1 << 22);
    private DjlTokenizer tokenizer;
    private OnnxTextEncoder textEncoder;
    private OnnxGenerator generator;
    private OnnxFrameDecoder decoder;

    @BeforeAll
    void open() {
        ModelBundle bundle = ModelBundle.open(Path.of("..", "onnx-export", "bundles", "toybox-64"));
        SessionSpec session = TestSessions.with(1, buffers);
        tokenizer = DjlTokenizer.open(bundle);
        textEncoder = OnnxTextEncoder.open(bundle, session);
        generator = OnnxGenerator.open(bundle, "generator", session);
        decoder = OnnxFrameDecoder.open(bundle, session);
    }

    @AfterAll
    void close() {
        tokenizer.close();
        textEncoder.close();
        generator.close();
        decoder.close();
    }

    static List<JsonNode> cases() throws IOException {
        return Golden.cases("stages.json");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyStageComputesTheTensorsOfTheExport(JsonNode golden) {
        Tokens tokens = tokenizer.tokenize(golden.get("prompt").asText());
        assertThat(tokens.ids()).isEqualTo(longs(golden, "input_ids"));
        assertThat((long) tokens.length()).isEqualTo(sum(longs(golden, "attention_mask")));

        TextEmbedding text = textEncoder.encode(List.of(tokens)).get(0);
        assertClose(text.values(), floats(golden, "text_embedding"));

        long[] seeds = {Long.parseLong(golden.get("seed").asText())};
        LatentBatch noise = Noise.latents(seeds, Noise.INITIAL, SHAPE, buffers);
        assertThat(noise.values()).isEqualTo(floats(golden, "latents"));

        FloatBuffer velocity = generator
                .velocity(noise, TestSamplers.at(1), List.of(Condition.ofText(text)))
                .values();
        assertClose(velocity, floats(golden, "velocity"));

        FloatBuffer clean = FloatBuffer.allocate(velocity.remaining());
        for (int i = 0; i < clean.capacity(); i++) {
            clean.put(i, noise.values().get(i) - velocity.get(i));
        }
        Latents latents = new Latents(TestBuffers.floats(clean), SHAPE);
        Frames frames = decoder.decode(List.of(latents)).get(0);
        assertWithinOneLevel(frames.yuv(), bytes(golden, "frames"));
    }

    @Test
    void theBoundsDetectAnotherPrompt() throws IOException {
        List<JsonNode> cases = cases();

        assertThat(largestError(floats(cases.get(0), "velocity"), floats(cases.get(1), "velocity")))
                .isGreaterThan(100 * RELATIVE_BOUND);
    }

    @Test
    void textIsBitIdenticalAloneAndInABatch() {
        List<Tokens> prompts = Stream.of("a star", "a large yellow star spinning, dark blue background", "red", "blue")
                .map(tokenizer::tokenize)
                .toList();
        List<TextEmbedding> together = textEncoder.encode(prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(together.get(i).values())
                    .isEqualTo(
                            textEncoder.encode(prompts.subList(i, i + 1)).get(0).values());
        }
    }

    @Test
    void videoIsBitIdenticalAloneAndAtAnyPlaceInABatch() throws IOException {
        assertSameInBatch(TestSamplers.ONE_STEP, 8, 7);
        assertSameInBatch(TestSamplers.ONE_STEP, 3, 0);
        assertSameInBatch(TestSamplers.twoStep(0.6f), 2, 1);
    }

    private void assertSameInBatch(Schedule schedule, int batch, int place) throws IOException {
        List<Condition> texts = cases().stream()
                .map(golden -> tokenizer.tokenize(golden.get("prompt").asText()))
                .flatMap(tokens -> textEncoder.encode(List.of(tokens)).stream())
                .map(Condition::ofText)
                .toList();
        List<Condition> batchOfTexts = IntStream.range(0, batch)
                .mapToObj(i -> texts.get(i == place ? 0 : 1))
                .toList();
        long[] seeds = IntStream.range(0, batch)
                .mapToLong(i -> i == place ? 7 : 100 + i)
                .toArray();

        List<Latents> alone =
                TestSamplers.sample(schedule, buffers, generator, SHAPE, texts.subList(0, 1), new long[] {7});
        List<Latents> together = TestSamplers.sample(schedule, buffers, generator, SHAPE, batchOfTexts, seeds);
        assertThat(decoder.decode(together).get(place).yuv())
                .as("%s, place %d of %d", schedule, place, batch)
                .isEqualTo(decoder.decode(alone).get(0).yuv());
    }

    private static void assertClose(FloatBuffer actual, FloatBuffer expected) {
        assertThat(actual.remaining()).isEqualTo(expected.remaining());
        assertThat(largestError(actual, expected)).isLessThan(RELATIVE_BOUND);
    }

    /** Returns the largest difference divided by the largest expected value. */
    private static double largestError(FloatBuffer actual, FloatBuffer expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.remaining(); i++) {
            difference = Math.max(difference, Math.abs(actual.get(i) - expected.get(i)));
            size = Math.max(size, Math.abs(expected.get(i)));
        }
        return difference / size;
    }

    /** Checks that bytes differ by at most 1, as values are rounded to eight bits. */
    private static void assertWithinOneLevel(ByteBuffer actual, ByteBuffer expected) {
        assertThat(actual.remaining()).isEqualTo(expected.remaining());
        int largest = 0;
        for (int i = 0; i < expected.remaining(); i++) {
            largest = Math.max(
                    largest, Math.abs(Byte.toUnsignedInt(actual.get(i)) - Byte.toUnsignedInt(expected.get(i))));
        }
        assertThat(largest).isLessThanOrEqualTo(1);
    }

    private static long sum(LongBuffer values) {
        long sum = 0;
        while (values.hasRemaining()) {
            sum += values.get();
        }
        return sum;
    }

    private static LongBuffer longs(JsonNode golden, String tensor) {
        return bytes(golden, tensor).asLongBuffer();
    }

    private static FloatBuffer floats(JsonNode golden, String tensor) {
        return bytes(golden, tensor).asFloatBuffer();
    }

    private static ByteBuffer bytes(JsonNode golden, String tensor) {
        return Golden.bytes(golden.get("tensors").get(tensor).get("data"));
    }
}
