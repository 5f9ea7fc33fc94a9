package io.zoetrope.bench.device;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxFrameDecoder;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.OnnxTextEncoder;
import io.zoetrope.onnx.SessionSpec;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.util.List;
import java.util.stream.IntStream;

/** The job's own stages on one batch, one after the other on the calling thread: what the raw loop leaves out. */
public final class BatchOfStages implements AutoCloseable {
    private static final long MOST_IDLE_BYTES = 64 << 20;

    private final OnnxTextEncoder text;
    private final OnnxGenerator generator;
    private final OnnxFrameDecoder decoder;
    private final Sampler sampler;
    private final List<Tokens> tokens;
    private final long[] seeds;

    /**
     * Loads the stages.
     *
     * @param threads of a run
     * @param batch how many clips
     */
    public BatchOfStages(ModelBundle bundle, int threads, int batch) {
        BufferPool buffers = new BufferPool(MOST_IDLE_BYTES);
        SessionSpec how = new SessionSpec(new ExecutionProvider.Cpu(), threads, buffers);
        try (DjlTokenizer tokenizer = DjlTokenizer.open(bundle)) {
            tokens = IntStream.range(0, batch)
                    .mapToObj(i -> tokenizer.tokenize(Clips.text(i)))
                    .toList();
        }
        seeds = IntStream.range(0, batch).asLongStream().toArray();
        text = OnnxTextEncoder.open(bundle, how);
        generator = OnnxGenerator.open(bundle, how);
        decoder = OnnxFrameDecoder.open(bundle, how);
        SamplerSpec spec = bundle.manifest().samplers().stream()
                .filter(each -> each.steps() == 1)
                .findFirst()
                .orElseThrow();
        sampler = Sampler.of(spec.name(), spec.timesteps(), buffers);
    }

    /** From tokens and seeds to frames, which the caller closes. */
    public List<Frames> run() {
        List<TextEmbedding> embeddings = text.encode(tokens);
        List<Latents> latents = sampler.sample(
                generator, embeddings.stream().map(Condition::ofText).toList(), seeds);
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
