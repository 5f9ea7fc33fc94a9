package io.zoetrope.tensorrt;

import io.zoetrope.BundleModel;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.StageContext;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import java.util.List;

/**
 * The tiny bundle with all stages on fake GPUs.
 *
 * @param bundle the bundle
 * @param all the model of the bundle, for all but its stages
 * @param process the fake GPUs
 * @param folder the folder of engines; empty for none
 */
record GpuModel(ModelBundle bundle, BundleModel all, TensorRtProcess process, String folder) implements Model {
    @Override
    public String name() {
        return all.name();
    }

    @Override
    public String digest() {
        return all.digest();
    }

    @Override
    public FrameRate frameRate() {
        return all.frameRate();
    }

    @Override
    public VideoShape defaultShape() {
        return all.defaultShape();
    }

    @Override
    public int defaultSteps() {
        return all.defaultSteps();
    }

    @Override
    public LatentShape latentShape(VideoShape shape) {
        return all.latentShape(shape);
    }

    @Override
    public List<SamplerSpec> samplers() {
        return all.samplers();
    }

    @Override
    public MaxBatch maxBatch() {
        return all.maxBatch();
    }

    @Override
    public Tokenizer tokenizer() {
        return all.tokenizer();
    }

    @Override
    public TextEncoder openTextEncoder(StageContext context) {
        return TensorRtTextEncoder.open(bundle, spec(context));
    }

    @Override
    public Generator openGenerator(String name, StageContext context) {
        return TensorRtGenerator.open(bundle, name, spec(context));
    }

    @Override
    public FrameDecoder openDecoder(StageContext context) {
        return TensorRtFrameDecoder.open(bundle, spec(context));
    }

    private EngineSpec spec(StageContext context) {
        var settings = context.options().gpu();
        return new EngineSpec(
                process,
                context.device().index(),
                new GpuSettings(settings.providers(), 0, settings.arena(), settings.precision(), folder),
                context.options().batchMax(),
                context.buffers());
    }

    @Override
    public void close() {
        all.close();
    }
}
