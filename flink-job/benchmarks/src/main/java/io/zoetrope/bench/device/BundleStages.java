package io.zoetrope.bench.device;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.Schedule;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxFrameDecoder;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.OnnxTextEncoder;
import io.zoetrope.onnx.SessionSpec;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.util.List;

/** The job's stages of one bundle on the CPU, run one after the other on the calling thread, without a lane. */
public final class BundleStages implements AutoCloseable {
    private final OnnxTextEncoder text;
    private final OnnxGenerator generator;
    private final OnnxFrameDecoder decoder;
    private final SamplerSpec oneStep;
    private final LatentShape shape;
    private final Sampler sampler;

    /**
     * Loads the three graphs and the sampler with one step.
     *
     * @param threads the intra-op threads of a run
     * @param maxIdleBytes the maximum number of bytes of buffers to keep for the next run
     */
    public BundleStages(ModelBundle bundle, int threads, long maxIdleBytes) {
        BufferPool buffers = new BufferPool(maxIdleBytes);
        SessionSpec spec = new SessionSpec(new ExecutionProvider.Cpu(), threads, buffers);
        text = OnnxTextEncoder.open(bundle, spec);
        generator = OnnxGenerator.open(bundle, "generator", spec);
        decoder = OnnxFrameDecoder.open(bundle, spec);
        Axes axes = bundle.manifest().defaultAxes(1, 0);
        shape = new LatentShape(
                bundle.manifest().latents().channels(), axes.latentFrames(), axes.latentHeight(), axes.latentWidth());
        oneStep = bundle.manifest().samplers().stream()
                .filter(candidate -> candidate.steps() == 1)
                .findFirst()
                .orElseThrow();
        sampler = new Sampler(new Schedule(Schedule.Move.RENOISE, oneStep.timesteps(), oneStep.sigmas()), buffers);
    }

    /** Returns the name of the sampler that {@link #run} uses. */
    public String samplerName() {
        return oneStep.name();
    }

    /** Generates the frames of each prompt, which the caller closes. Safe for use by many threads at once. */
    public List<Frames> run(List<Tokens> tokens, long[] seeds) {
        List<TextEmbedding> embeddings = text.encode(tokens);
        List<Latents> latents = sampler.sample(
                List.of(generator),
                shape,
                embeddings.stream().map(Condition::ofText).toList(),
                seeds);
        Pooled.closeAll(embeddings);
        List<Frames> frames = decoder.decode(latents);
        Pooled.closeAll(latents);
        return frames;
    }

    @Override
    public void close() {
        decoder.close();
        generator.close();
        text.close();
    }
}
