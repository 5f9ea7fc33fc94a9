package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.device.GpuSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfilesTest {
    private static final Manifest TINY =
            ModelBundle.open(BundleFolder.original()).manifest();
    private static final Manifest TWO_SIZES_AND_LENGTHS = new Manifest(
            TINY.name(),
            TINY.version(),
            TINY.license(),
            TINY.tokenizer(),
            TINY.textEncoder(),
            TINY.imageEncoder(),
            TINY.generators(),
            TINY.decoder(),
            TINY.latents(),
            TINY.samplers(),
            TINY.defaultSteps(),
            new VideoSpec(List.of(new FrameSize(32, 16), new FrameSize(16, 48)), List.of(5, 9), 12, 1),
            TINY.provenance());

    @Test
    void eachSizeAndLengthOfVideoHasAProfile() {
        Profiles profiles = Profiles.of(graph(8), TWO_SIZES_AND_LENGTHS, 6);

        assertThat(profiles.all())
                .extracting(Profile::toString)
                .containsExactly(
                        "latents 1x2x2x2x4 to 6x2x2x2x4, text_mask 1x8 to 6x16",
                        "latents 1x2x3x2x4 to 6x2x3x2x4, text_mask 1x8 to 6x16",
                        "latents 1x2x2x6x2 to 6x2x2x6x2, text_mask 1x8 to 6x16",
                        "latents 1x2x3x6x2 to 6x2x3x6x2, text_mask 1x8 to 6x16");
        assertThat(profiles.indexFor(TWO_SIZES_AND_LENGTHS.axes(5, 8, 3, 6, 2))).isEqualTo(3);
        assertThat(profiles.all()).noneMatch(Profile::isFixed);
    }

    @Test
    void aGraphThatDoesNotSeeTheVideoHasOneProfile() {
        assertThat(Profiles.of(TINY.textEncoder(), TWO_SIZES_AND_LENGTHS, 2).all())
                .singleElement()
                .asString()
                .contains("input_ids 1x8 to 2x16");
    }

    @Test
    void anInputThatChoosesTheLengthHasOneValueInEachProfile() {
        GraphFile encoder = new GraphFile(
                TINY.decoder().file(),
                List.of(),
                Map.of(
                        "image", new TensorSpec(DataType.UINT8, List.of("B", "Y", "X", "3")),
                        "latent_frames", new TensorSpec(DataType.INT64, List.of("1"))),
                TINY.decoder().outputs(),
                1,
                "float32");
        Profiles profiles = Profiles.of(encoder, TWO_SIZES_AND_LENGTHS, 6);

        assertThat(profiles.all())
                .hasSize(4)
                .allMatch(Profile::isFixed)
                .first()
                .asString()
                .isEqualTo("image 1x16x32x3 to 1x16x32x3, latent_frames = 2");
        assertThat(profiles.indexFor(TWO_SIZES_AND_LENGTHS.axes(1, 0, 3, 2, 4))).isEqualTo(1);
    }

    @Test
    void aBatchBeyondTheLargestHasNoProfile() {
        Profiles profiles = Profiles.of(graph(4), TWO_SIZES_AND_LENGTHS, 6);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> profiles.indexFor(TWO_SIZES_AND_LENGTHS.axes(5, 8, 3, 6, 2)))
                .withMessageContaining("a batch is at most batch-max");
    }

    @Test
    void theManifestsPrecisionComesBeforeTheOperators() {
        assertThat(EnginePrecision.of("bfloat16", GpuSettings.Precision.FLOAT16))
                .isEqualTo(EnginePrecision.AS_EXPORTED);
        for (GpuSettings.Precision precision : GpuSettings.Precision.values()) {
            assertThat(EnginePrecision.of("float32", precision)).hasToString(precision.name());
        }
    }

    private static GraphFile graph(int maxBatch) {
        return new GraphFile(
                TINY.decoder().file(),
                List.of(),
                Map.of(
                        "latents", new TensorSpec(DataType.FLOAT32, List.of("B", "2", "T", "H", "W")),
                        "text_mask", new TensorSpec(DataType.INT64, List.of("B", "L")),
                        "fixed", new TensorSpec(DataType.FLOAT32, List.of("7"))),
                TINY.decoder().outputs(),
                maxBatch,
                "float32");
    }
}
