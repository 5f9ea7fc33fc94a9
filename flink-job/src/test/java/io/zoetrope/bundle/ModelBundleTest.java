package io.zoetrope.bundle;

import static io.zoetrope.bundle.SamplerSpec.Kind.RENOISE;
import static io.zoetrope.bundle.SamplerSpec.Kind.TIME_TRAVEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelBundleTest {
    private static final List<String> BOTH_PASSES = List.of("generator", "generator");

    @TempDir
    Path temp;

    private BundleFolder folder;

    @BeforeEach
    void copyTheBundle() {
        folder = BundleFolder.copy(temp);
    }

    @Test
    void soundBundleOpens() throws IOException {
        ModelBundle bundle = ModelBundle.open(folder.path());
        Manifest manifest = bundle.manifest();

        assertThat(manifest.name()).isEqualTo("tiny");
        assertThat(manifest.tokenizer().maxTokens()).isEqualTo(16);
        assertThat(manifest.anyGenerator().inputs())
                .contains(entry("latents", TensorSpec.of(DataType.FLOAT32, "B", 2, 2, 2, 2)));
        assertThat(manifest.samplers())
                .containsExactly(
                        new SamplerSpec("one-step", RENOISE, List.of(1f), List.of(1f), List.of("generator")),
                        new SamplerSpec("two-step", RENOISE, List.of(1f, 0.5f), List.of(1f, 0.5f), BOTH_PASSES));
        assertThat(manifest.video()).isEqualTo(new VideoSpec(List.of(new FrameSize(16, 16)), List.of(5), 12, 1));
        assertThat(bundle.path(manifest.decoder().file()))
                .isEqualTo(folder.path().resolve("decoder.onnx"));
        assertThat(bundle.digest())
                .isEqualTo(
                        DigestUtils.sha256Hex(Files.readAllBytes(folder.path().resolve("manifest.json"))));
    }

    @Test
    void missingFolderIsNamed() {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ModelBundle.open(temp.resolve("nowhere")))
                .withMessageContaining("nowhere")
                .withMessageContaining("manifest.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{} {}", "{\"format\":1,\"format\":1}", "\u0000"})
    void manifestThatIsNotAJsonObjectIsRefused(String text) throws IOException {
        folder.write("manifest.json", text.getBytes(StandardCharsets.UTF_8));
        assertThat(folder.faults()).singleElement().asString().startsWith("manifest.json: expected");
    }

    @Test
    void anotherFormatIsRefusedBeforeAnythingElse() throws IOException {
        folder.edit(manifest -> manifest.put("format", 3).put("surprise", true));
        assertThat(folder.faults())
                .containsExactly("manifest.json: format: this release reads 1 and 2, the bundle has 3");
    }

    @Test
    void unknownFieldsAreRefusedAtEveryLevel() throws IOException {
        assertFaults(
                manifest -> {
                    manifest.put("operators", "custom.so");
                    manifest.withObject("/generator").put("quantised", true);
                    manifest.withObject("/generator/inputs/latents").put("layout", "NCHW");
                    manifest.withObject("/video/frame_rate").put("fps", 12);
                },
                "generator.inputs.latents.layout: unknown field; expected one of [dtype, shape]",
                "generator.quantised: unknown field",
                "video.frame_rate.fps: unknown field; expected one of [den, num]",
                "operators: unknown field");
    }

    @Test
    void missingFieldsAreNamed() throws IOException {
        assertFaults(
                manifest -> {
                    manifest.remove("license");
                    manifest.remove("provenance");
                    manifest.withObject("/decoder").remove("external_data");
                },
                "license: expected text of 1 to 200 printable ASCII characters, it is missing",
                "decoder.external_data: expected a list of objects, it is missing",
                "provenance: expected an object, it is missing");
    }

    @Test
    void wrongTypesAreNamedWithTheirValues() throws IOException {
        assertFaults(
                manifest -> {
                    manifest.put("name", 7);
                    manifest.withObject("/tokenizer").put("max_tokens", "64");
                    manifest.withObject("/decoder").put("max_batch", 0);
                    manifest.withObject("/decoder/outputs/frames").put("dtype", "float64");
                    manifest.withObject("/latents").withArray("/shift").add("x");
                    manifest.withArray("/samplers").add(3);
                    manifest.withObject("/video").put("width", 1.5);
                    manifest.withObject("/provenance/quality").putNull("colour");
                },
                "name: expected a name of 1 to 100 letters, digits and _ . + -, got 7",
                "tokenizer.max_tokens: expected a whole number from 1 to 65536, got \"64\"",
                "decoder.outputs.frames.dtype: expected one of [float32, int64, uint8], got \"float64\"",
                "decoder.max_batch: expected a whole number from 1 to 4096, got 0",
                "latents.shift: expected a list of numbers that are finite in float32, got [0.0,0.0,\"x\"]",
                "samplers: expected a list of objects, got [{\"name\"",
                "video.width: expected a whole number from 1 to 16384, got 1.5",
                "provenance.quality.colour: expected a number that is finite in float32, got null");
    }

    @Test
    void partsThatDisagreeAreNamed() throws IOException {
        assertFaults(
                manifest -> {
                    manifest.withObject("/latents").withArray("/scale").add(1);
                    manifest.withObject("/decoder/outputs/frames")
                            .putArray("shape")
                            .add("B")
                            .add(17)
                            .add(24)
                            .add(16);
                    manifest.withObject("/generator/inputs").remove("text_mask");
                    manifest.withObject("/generator/inputs/timestep").put("dtype", "int64");
                    manifest.withObject("/decoder/inputs")
                            .putObject("seed")
                            .put("dtype", "int64")
                            .putArray("shape");
                },
                "latents.scale: expected 2 numbers, got 3",
                "generator.inputs.text_mask: expected int64[B,L], it is missing",
                "generator.inputs.timestep: expected float32[B], got int64[B]",
                "decoder.inputs.seed: unknown tensor; expected [latents]",
                "decoder.outputs.frames: expected uint8[B,5,24,16], got uint8[B,17,24,16]");
    }

    @Test
    void aVideoOfAnotherSizeThanTheLatentsIsNamed() throws IOException {
        assertFaults(
                manifest -> {
                    manifest.withObject("/latents").put("spatial_compression", 4);
                    manifest.withObject("/video").put("frame_count", 17);
                },
                "video.width: expected latents.width x spatial_compression = 8, got 16",
                "video.height: expected latents.height x spatial_compression = 8, got 16",
                "video.frame_count: expected 1 + (latents.frames - 1) x temporal_compression = 5, got 17");
    }

    @Test
    void textWidthThatVariesIsRefused() throws IOException {
        assertFaults(
                manifest -> ((ArrayNode) manifest.withObject("/text_encoder/outputs/last_hidden_state")
                                .get("shape"))
                        .set(2, "E"),
                "text_encoder.outputs.last_hidden_state: expected float32[B,L,width], got float32[B,L,E]",
                "generator.inputs.text_embedding: expected float32[B,L,width], got float32[B,L,4]");
    }

    @Test
    void samplersThatCannotBeSelectedOrRunAreNamed() throws IOException {
        assertFaults(
                manifest -> {
                    ArrayNode samplers = manifest.withArray("/samplers");
                    ((ObjectNode) samplers.get(1)).put("steps", 1);
                    ((ObjectNode) samplers.get(0)).putArray("timesteps").add(0.9);
                },
                "samplers[0].timesteps: expected a timestep of 1.0, which is noise, got [0.9]",
                "samplers[1].timesteps: expected 1 numbers, got [1.0,0.5]");
        assertFaults(
                manifest -> {
                    ArrayNode samplers = manifest.withArray("/samplers");
                    samplers.forEach(sampler ->
                            ((ObjectNode) sampler).putArray("timesteps").add(1));
                },
                "samplers.two-step: steps 1 is that of another sampler too");
        assertFaults(
                manifest -> ((ObjectNode) manifest.withArray("/samplers").get(1))
                        .put("steps", 2)
                        .putArray("timesteps")
                        .add(0.5)
                        .add(1),
                "samplers.two-step: expected noise levels that fall from at most 1.0 and stay above 0, got [0.5, 1.0]");
        assertFaults(manifest -> manifest.putArray("samplers"), "samplers: expected at least one, got none");
    }

    @Test
    void timeTravelRisesToNoise() throws IOException {
        folder = BundleFolder.copyWithImages(temp);
        assertThat(ModelBundle.open(folder.path()).manifest().samplers())
                .contains(
                        new SamplerSpec("time-travel", TIME_TRAVEL, List.of(0.5f, 1f), List.of(0.5f, 1f), BOTH_PASSES));

        assertFaults(
                manifest -> ((ObjectNode) manifest.withArray("/samplers").get(1))
                        .putArray("timesteps")
                        .add(1)
                        .add(0.5),
                "samplers.time-travel: expected noise levels that rise to 1.0 from above 0, got [1.0, 0.5]");
    }

    @Test
    void aBundleMayTakeAFirstFrame() {
        Manifest withImages = ModelBundle.open(BundleFolder.withImages()).manifest();
        assertThat(withImages.imageEncoder()).isPresent();
        assertThat(withImages.firstFrameUse()).isEqualTo(Manifest.FirstFrameUse.OPTIONAL);

        Manifest withoutImages = ModelBundle.open(folder.path()).manifest();
        assertThat(withoutImages.imageEncoder()).isEmpty();
        assertThat(withoutImages.firstFrameUse()).isEqualTo(Manifest.FirstFrameUse.REFUSED);
    }

    @Test
    void aGeneratorMayTakeAFirstFrameWithoutAnImageEncoder() throws IOException {
        folder = BundleFolder.copyWithImages(temp);
        folder.edit(manifest -> manifest.remove("image_encoder"));
        assertThat(folder.faults()).isEmpty();
    }

    @Test
    void halfOfAFirstFrameIsRefused() throws IOException {
        folder = BundleFolder.copyWithImages(temp);
        assertFaults(
                manifest -> {
                    manifest.withObject("/generator/inputs").remove("first_frame_mask");
                    manifest.withObject("/image_encoder/inputs/image").put("dtype", "float32");
                },
                "image_encoder.inputs.image: expected uint8[B,16,16,3], got float32[B,16,16,3]",
                "generator.inputs.first_frame_mask: expected float32[B], it is missing");
    }

    @Test
    void anImageEncoderWithoutAGeneratorThatTakesAFirstFrameIsRefused() throws IOException {
        folder = BundleFolder.copyWithImages(temp);
        assertFaults(
                manifest -> manifest.withObject("/generator/inputs").remove(List.of("first_frame", "first_frame_mask")),
                "generator.inputs.first_frame: expected float32[B,2,2,2], it is missing",
                "generator.inputs.first_frame_mask: expected float32[B], it is missing");
    }

    @Test
    void digestOfTheImageEncoderIsChecked() throws IOException {
        folder = BundleFolder.copyWithImages(temp);
        folder.write("image_encoder.onnx", new byte[4]);
        assertThat(folder.faults()).singleElement().asString().startsWith("image_encoder.onnx: expected sha256 ");
    }

    @Test
    void faultsOfEveryKindAreInOneError() throws IOException {
        folder.edit(manifest -> {
            manifest.put("surprise", 1);
            manifest.withObject("/tokenizer").put("file", "/etc/hostname");
        });
        Files.delete(folder.path().resolve("text_encoder.onnx"));
        folder.write("generator.weights", new byte[8]);
        folder.write("decoder.onnx", OnnxBytes.externalTensor("/etc/passwd", OnnxBytes.INITIALIZER));
        folder.updateDigest("decoder", "decoder.onnx");

        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ModelBundle.open(folder.path()))
                .withMessageStartingWith("bundle " + folder.path() + ": 5 faults; export it again or restore its files")
                .withMessageContaining("surprise")
                .withMessageContaining("/etc/hostname")
                .withMessageContaining("text_encoder.onnx")
                .withMessageContaining("generator.weights")
                .withMessageContaining("/etc/passwd");
    }

    private void assertFaults(Consumer<ObjectNode> change, String... starts) throws IOException {
        folder.edit(change);
        List<String> faults = folder.faults();
        assertThat(faults).hasSameSizeAs(starts);
        for (int i = 0; i < starts.length; i++) {
            assertThat(faults.get(i)).startsWith("manifest.json: " + starts[i]);
        }
    }
}
