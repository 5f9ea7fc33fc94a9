package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.decode.Frames;
import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Latents;
import io.zoetrope.text.TextEmbedding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the stages on fake GPUs, one behaviour at a time; {@link GpuSimulationTest} mixes them. */
class TensorRtStagesTest {
    private final GpuFixture fixture = new GpuFixture();
    private final FakeGpu gpu = fixture.gpu;
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void nothingIsLeftOrBroken() throws Exception {
        gpu.onCall = call -> {};
        for (AutoCloseable each : open) {
            each.close();
        }
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
        assertThat(fixture.buffers.outstanding()).isZero();
    }

    @Test
    void onlyTokensAndNoiseGoToTheDeviceAndOnlyFramesComeBack() {
        TensorRtTextEncoder encoder = closing(TensorRtTextEncoder.open(fixture.bundle, fixture.spec(0)));
        TensorRtGenerator generator = closing(TensorRtGenerator.open(fixture.bundle, "generator", fixture.spec(0)));
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        List<TextEmbedding> texts = encoder.encode(List.of(GpuFixture.tokens(3), GpuFixture.tokens(5)));
        List<Latents> clips = fixture.sample(generator, texts);
        assertThat(gpu.downloadedBytes).as("before the decoder").isZero();

        List<Frames> frames = decoder.decode(clips);

        assertThat(gpu.downloadedBytes).isEqualTo(2 * 5 * 24 * 16);
        assertThat(frames).hasSize(2);
        assertThat(texts.get(0).memory()).isInstanceOf(DeviceFloats.class);
        Pooled.closeAll(frames);
        Pooled.closeAll(clips);
        Pooled.closeAll(texts);
    }

    @Test
    void latentsCrossTheHostToADecoderOnAnotherDevice() {
        TensorRtTextEncoder encoder = closing(TensorRtTextEncoder.open(fixture.bundle, fixture.spec(0)));
        TensorRtGenerator generator = closing(TensorRtGenerator.open(fixture.bundle, "generator", fixture.spec(0)));
        TensorRtFrameDecoder here = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        TensorRtFrameDecoder there = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(1)));
        List<TextEmbedding> texts = encoder.encode(List.of(GpuFixture.tokens(3)));
        List<Latents> clips = fixture.sample(generator, texts);

        List<Frames> onOne = here.decode(clips);
        List<Frames> onTheOther = there.decode(clips);

        assertThat(onTheOther.get(0).yuv()).isEqualTo(onOne.get(0).yuv());
        Pooled.closeAll(onOne);
        Pooled.closeAll(onTheOther);
        Pooled.closeAll(clips);
        Pooled.closeAll(texts);
    }

    @Test
    void aShapeThatIsFixedRunsAsACudaGraphFromItsThirdRun() {
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 1, "")));
        List<Latents> clips = clips(1);
        for (int run = 0; run < 4; run++) {
            Pooled.closeAll(decoder.decode(clips));
        }
        assertThat(gpu.captures).isEqualTo(1);
        assertThat(gpu.launches).as("the second run and the next ones").isEqualTo(3);
        Pooled.closeAll(clips);
    }

    @Test
    void aShapeThatVariesOrCannotBeCapturedRunsWithoutAGraph() {
        TensorRtFrameDecoder varies = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        List<Latents> clips = clips(1);
        Pooled.closeAll(varies.decode(clips));
        Pooled.closeAll(varies.decode(clips));
        gpu.capturable = false;
        TensorRtFrameDecoder refused = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 1, "")));
        for (int run = 0; run < 3; run++) {
            Pooled.closeAll(refused.decode(clips));
        }

        assertThat(gpu.launches).isZero();
        Pooled.closeAll(clips);
    }

    @Test
    void aLackOfMemoryIsTheBatchsAndTheNextBatchRuns() {
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        List<Latents> clips = clips(2);
        gpu.onCall = call -> {
            if (call.equals("cudaMalloc")) {
                throw FakeGpu.outOfMemory(call);
            }
        };

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> decoder.decode(clips))
                .withMessage("decoder.onnx: no memory for this batch, cudaMalloc: cudaErrorMemoryAllocation: out of"
                        + " memory; send the prompt again, or make batches smaller")
                .matches(e -> e.code() == FailureCode.OUT_OF_MEMORY);
        gpu.onCall = call -> {};
        Pooled.closeAll(decoder.decode(clips));
        Pooled.closeAll(clips);
    }

    @Test
    void aLackOfMemoryInTensorRtIsKnownByItsLog() {
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        List<Latents> clips = clips(1);
        failing("createExecutionContext", "Error Code 2: OutOfMemory (Requested size was 12 bytes.)");

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> decoder.decode(clips))
                .matches(e -> e.code() == FailureCode.OUT_OF_MEMORY);
        Pooled.closeAll(clips);
    }

    @Test
    void anErrorHasTensorRtsOwnLinesAndIsTheDevices() {
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)));
        List<Latents> clips = clips(1);
        gpu.log.add(TensorRtLog.Severity.ERROR, "a line of an earlier call");
        failing("enqueueV3", "IExecutionContext::enqueueV3: Error Code 1: Cask (Cask convolution execution)");

        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> decoder.decode(clips))
                .withMessage("decoder.onnx: TensorRT failed with enqueueV3 failed, its log says:"
                        + " IExecutionContext::enqueueV3: Error Code 1: Cask (Cask convolution execution); send the"
                        + " prompt again")
                .withCauseInstanceOf(DeviceFaultException.class);
        Pooled.closeAll(clips);
    }

    @Test
    void aClosedStageRefusesToRunAndClosesOnce() {
        TensorRtFrameDecoder decoder = TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0));
        List<Latents> clips = clips(1);
        decoder.close();
        decoder.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> decoder.decode(clips))
                .withMessageContaining("decoder.onnx: the graph is closed");
        Pooled.closeAll(clips);
    }

    @Test
    void valuesOutliveTheStageThatMadeThem() {
        List<Latents> clips = clips(2);

        assertThat(clips.get(1).values().get(0)).isFinite();
        Pooled.closeAll(clips);
    }

    @Test
    void aMachineWithoutADeviceIsRefusedBeforeTensorRtIsCalled() {
        gpu.devices = 0;

        assertThatIllegalStateException()
                .isThrownBy(() -> TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)))
                .withMessage("provider tensorrt-engine on cuda:0: CUDA finds no device, cudaGetDeviceCount:"
                        + " cudaErrorNoDevice: no CUDA-capable device is detected; check with nvidia-smi that the driver"
                        + " runs, and in a container start it with --gpus all");
        gpu.devices = 1;
        assertThatIllegalStateException()
                .isThrownBy(() -> TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(1)))
                .withMessageContaining("on cuda:1: CUDA lists 1 devices");
    }

    @Test
    void anotherVersionIsRefusedBeforeAnyOtherCall() {
        gpu.version = 11_02_00;
        gpu.onCall = call -> {
            throw new AssertionError(call);
        };

        assertThatIllegalStateException()
                .isThrownBy(() -> TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)))
                .withMessageContaining(
                        "expected TensorRT 10.15.1, for which the binding was made, the loaded library is" + " 11.2.0");
    }

    @Test
    void aGraphThatTensorRtCannotReadIsTheBundlesFault() {
        gpu.onCall = call -> {
            if (call.equals("build")) {
                throw new UnreadableGraphException("node 3 (MultiHeadAttention): no importer registered");
            }
        };

        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)))
                .withMessageContaining("decoder.onnx: expected a graph that TensorRT reads, got node 3"
                        + " (MultiHeadAttention): no importer registered; export it with --attention plain");
    }

    @Test
    void aGpuWithTooLittleMemoryForAnEngineIsNamed() {
        failing("deserializeCudaEngine", "[cudaDriverHelpers.cpp] Cuda error: out of memory");

        assertThatIllegalStateException()
                .isThrownBy(() -> TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0)))
                .withMessageContaining("decoder.onnx: provider tensorrt-engine on cuda:0: TensorRT cannot open it,"
                        + " deserializeCudaEngine failed, its log says: [cudaDriverHelpers.cpp] Cuda error: out of"
                        + " memory; give it a GPU with more memory");
    }

    @Test
    void aBatchBeyondTheProfilesIsRefused() {
        TensorRtFrameDecoder decoder = closing(TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 1, "")));
        List<Latents> clips = new ArrayList<>(clips(1));
        clips.addAll(clips(1));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> decoder.decode(clips))
                .withMessageContaining("decoder.onnx: expected shapes of a profile of its engine,"
                        + " [latents 1x2x2x2x2 to 1x2x2x2x2], got Axes[batch=2");
        Pooled.closeAll(clips);
    }

    private void failing(String failing, String line) {
        gpu.onCall = call -> {
            if (call.equals(failing)) {
                gpu.log.add(TensorRtLog.Severity.ERROR, line);
                throw new TensorRtFault(failing);
            }
        };
    }

    /** Returns clips whose stages are closed. */
    private List<Latents> clips(int count) {
        int batchMax = gpu.batchMax;
        try (TensorRtTextEncoder encoder = TensorRtTextEncoder.open(fixture.bundle, fixture.spec(0));
                TensorRtGenerator generator = TensorRtGenerator.open(fixture.bundle, "generator", fixture.spec(0))) {
            List<TextEmbedding> texts = encoder.encode(Collections.nCopies(count, GpuFixture.tokens(3)));
            List<Latents> clips = fixture.sample(generator, texts);
            Pooled.closeAll(texts);
            return clips;
        } finally {
            gpu.batchMax = batchMax;
            gpu.launches = 0;
            gpu.captures = 0;
        }
    }

    private <T extends AutoCloseable> T closing(T stage) {
        open.add(stage);
        return stage;
    }
}
