package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxGraphTest {
    @TempDir
    Path temp;

    private BundleFolder folder;

    @BeforeEach
    void copyTheBundle() {
        folder = BundleFolder.copy(temp);
    }

    @Test
    void graphThatDiffersFromItsManifestIsRefusedWithEveryDifference() throws IOException {
        Path graph = folder.path().resolve("decoder.onnx");
        Files.copy(folder.path().resolve("text_encoder.onnx"), graph, StandardCopyOption.REPLACE_EXISTING);
        folder.updateDigest("decoder", "decoder.onnx");

        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> OnnxFrameDecoder.open(ModelBundle.open(folder.path()), TestSessions.withOneThread()))
                .withMessageContaining("6 faults")
                .withMessageContaining(
                        "decoder.onnx: input input_ids: the manifest says none, the graph has int64[?,?]")
                .withMessageContaining("input latents: the manifest says float32[B,2,2,2,2], the graph has none")
                .withMessageContaining("output last_hidden_state: the manifest says none, the graph has float32[?,?,4]")
                .withMessageContaining("output frames: the manifest says uint8[B,5,24,16], the graph has none");
    }

    @Test
    void graphOfAnotherShapeIsRefused() throws IOException {
        folder.edit(manifest -> {
            // The manifest stays consistent: it has three channels instead of two in all places.
            manifest.withObject("/latents").put("channels", 3);
            manifest.withObject("/latents").withArray("/shift").add(0);
            manifest.withObject("/latents").withArray("/scale").add(1);
            for (String tensor :
                    new String[] {"/generator/inputs/latents", "/generator/outputs/velocity", "/decoder/inputs/latents"
                    }) {
                manifest.withObject(tensor).withArray("/shape").remove(1);
                manifest.withObject(tensor).withArray("/shape").insert(1, 3);
            }
        });

        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() ->
                        OnnxGenerator.open(ModelBundle.open(folder.path()), "generator", TestSessions.withOneThread()))
                .withMessageContaining("generator.onnx: input latents: the manifest says float32[B,3,2,2,2],"
                        + " the graph has float32[?,2,2,2,2]")
                .withMessageContaining("output velocity");
    }

    @ParameterizedTest
    @EnumSource(
            value = Provider.class,
            names = {"CUDA", "TENSORRT"})
    void missingDeviceIsRefusedWithItsRequirements(Provider provider) {
        var gpu = new ExecutionProvider.Gpu(99, provider, GpuSettings.DEFAULT, 4);
        SessionSpec noSuchDevice = new SessionSpec(gpu, 1, new BufferPool(0));

        assertThatIllegalStateException()
                .isThrownBy(() -> OnnxGenerator.open(ModelBundle.open(folder.path()), "generator", noSuchDevice))
                .withMessageContaining("provider " + provider + " on cuda:99: ONNX Runtime cannot use it here")
                .withMessageContaining("docs/gpu.md");
    }

    @Test
    void graphReportsTheSizeOfItsFiles() throws IOException {
        ModelBundle bundle = ModelBundle.open(folder.path());
        try (OnnxFrameDecoder decoder = OnnxFrameDecoder.open(bundle, TestSessions.withOneThread())) {
            assertThat(decoder.fileBytes()).isEqualTo(Files.size(folder.path().resolve("decoder.onnx")));
        }
    }

    @Test
    void fileThatOnnxRuntimeDoesNotLoadIsRefused() throws IOException {
        folder.write("text_encoder.onnx", new byte[] {8, 10}); // a protobuf, with a version and no graph
        folder.updateDigest("text_encoder", "text_encoder.onnx");

        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> OnnxTextEncoder.open(ModelBundle.open(folder.path()), TestSessions.withOneThread()))
                .withMessageContaining("text_encoder.onnx: expected a graph that ONNX Runtime loads");
    }
}
