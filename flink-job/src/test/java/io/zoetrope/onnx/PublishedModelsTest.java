package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.NoiseLevel;
import io.zoetrope.golden.Npz;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that a bundle of a published model computes what the public reference does: the tensors of the golden sets in
 * {@code onnx-export/golden}. The bundles are those that {@code onnx-export/tests/test_java_bundles.py} writes.
 */
class PublishedModelsTest {
    private static final double BOUND = PublishedReference.BOUND;

    private final BufferPool buffers = new BufferPool(1 << 20);

    @ParameterizedTest
    @ValueSource(strings = {"wan21-t2v", "wan22-ti2v", "wan22-i2v-a14b"})
    void everyStageComputesTheTensorsOfTheReference(String set) throws IOException {
        with(set, set, PublishedReference::compareAll);
    }

    @Test
    void aTransformerWithOriginalNamesAndALoraComputesTheTensorsOfTheReference() throws IOException {
        with("wan21-t2v", "wan21-t2v-original-lora", reference -> {
            Condition text = Condition.ofText(reference.compareText());
            double error = reference.errorOfVelocity("generator", new NoiseLevel(1000, 1), text, "lora_velocity_t1000");
            assertThat(error).isLessThan(BOUND);
            assertThat(reference.errorOfVelocity("generator", new NoiseLevel(1000, 1), text, "velocity_t1000"))
                    .isGreaterThan(100 * BOUND);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"wan21-t2v", "wan22-ti2v"})
    void plantedSigmaInPlaceOfTheTimestepIsCaught(String set) throws IOException {
        with(set, set, reference -> {
            Condition text = Condition.ofText(reference.compareText());
            NoiseLevel right = new NoiseLevel(757, 0.757f);
            NoiseLevel planted = new NoiseLevel(0.757f, 0.757f);
            assertThat(reference.errorOfVelocity("generator", right, text, "velocity_t757"))
                    .isLessThan(BOUND);
            assertThat(reference.errorOfVelocity("generator", planted, text, "velocity_t757"))
                    .isGreaterThan(10 * BOUND);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"wan21-t2v", "wan22-ti2v"})
    void aVideoOfABatchHasTheVelocityThatItHasAlone(String set) throws IOException {
        with(set, set, reference -> {
            Condition text = Condition.ofText(reference.compareText());
            List<FloatBuffer> alone = List.of(reference.velocityOfPair(text, 0), reference.velocityOfPair(text, 1));
            assertThat(reference.velocityOfPair(text, 0, 1)).isEqualTo(joined(alone));
        });
    }

    private static FloatBuffer joined(List<FloatBuffer> parts) {
        FloatBuffer all = FloatBuffer.allocate(
                parts.stream().mapToInt(FloatBuffer::remaining).sum());
        parts.forEach(part -> all.put(part.duplicate()));
        return all.flip();
    }

    /** Opens every stage of a bundle, and compares it with a set. */
    private void with(String set, String bundleName, Comparison comparison) throws IOException {
        Path folder = Path.of("..", "onnx-export", "golden", set);
        JsonNode info =
                new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
        Npz golden = Npz.read(folder.resolve("golden.npz"));
        ModelBundle bundle = ModelBundle.open(Path.of("src", "test", "resources", "published", bundleName));
        SessionSpec session = TestSessions.with(1, buffers);
        Map<String, Generator> generators = new HashMap<>();
        bundle.manifest()
                .generators()
                .keySet()
                .forEach(name -> generators.put(name, OnnxGenerator.open(bundle, name, session)));
        try (DjlTokenizer tokenizer = DjlTokenizer.open(bundle);
                OnnxTextEncoder texts = OnnxTextEncoder.open(bundle, session);
                OnnxFrameDecoder decoder = OnnxFrameDecoder.open(bundle, session)) {
            comparison.run(new PublishedReference(info, golden, generators, decoder, tokenizer, texts, bundle));
        } finally {
            generators.values().forEach(Generator::close);
        }
    }

    @FunctionalInterface
    private interface Comparison {
        void run(PublishedReference reference);
    }
}
