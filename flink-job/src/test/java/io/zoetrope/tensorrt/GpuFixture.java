package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** The tiny bundle on fake GPUs. */
final class GpuFixture {
    static final Schedule ONE_STEP = new Schedule(Schedule.Move.RENOISE, List.of(1f), List.of(1f));

    final ModelBundle bundle = ModelBundle.open(BundleFolder.withImages());
    final FakeGpu gpu = new FakeGpu(2, bundle.manifest());
    final BufferPool buffers = new BufferPool(1 << 20);
    final TensorRtProcess process = new TensorRtProcess(gpu.libraries(), gpu::nanoTime);

    /** Returns the settings of engines on a device. */
    EngineSpec spec(int device) {
        return spec(device, 4, "");
    }

    EngineSpec spec(int device, int batchMax, String folder) {
        gpu.batchMax = batchMax;
        GpuSettings base = GpuSettings.DEFAULT;
        return new EngineSpec(
                process,
                device,
                new GpuSettings(base.providers(), 0, base.arena(), base.precision(), folder),
                batchMax,
                buffers);
    }

    /** Returns a prompt of this many tokens, padded to 8. */
    static Tokens tokens(int length) {
        return new Tokens(LongBuffer.wrap(LongStream.range(0, 8).toArray()), length);
    }

    /** Returns the clips of prompts without a first frame, with the seeds 0, 1, ... */
    List<Latents> sample(TensorRtGenerator generator, List<TextEmbedding> texts) {
        return new Sampler(ONE_STEP, buffers)
                .sample(
                        List.of(generator),
                        GpuReference.SHAPE,
                        texts.stream()
                                .map(text -> new Condition(text, Optional.empty()))
                                .toList(),
                        LongStream.range(0, texts.size()).toArray());
    }
}
