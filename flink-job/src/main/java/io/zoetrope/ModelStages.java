package io.zoetrope;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerTerms;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Sampler;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxFrameDecoder;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.OnnxTextEncoder;
import io.zoetrope.onnx.SessionTerms;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model's stages, loaded.
 *
 * @param samplers by their number of steps
 * @param opened what to close, the last first
 * @param fileBytes of its graphs and their data: what the sessions hold, as near as it can be told
 */
record ModelStages(
        Tokenizer tokenizer,
        TextEncoder textEncoder,
        Generator generator,
        Map<Integer, Sampler> samplers,
        FrameDecoder decoder,
        Deque<Runnable> opened,
        long fileBytes)
        implements AutoCloseable {
    private static final long MOST_IDLE_BYTES = 64 << 20;
    private static final int A_THREAD_PER_CORE = 0;

    /**
     * Loads the stages of a bundle; on a fault, none stays loaded.
     *
     * @throws io.zoetrope.bundle.BundleException if a file cannot be loaded
     */
    static ModelStages open(ModelBundle bundle) {
        Deque<Runnable> opened = new ArrayDeque<>();
        BufferPool buffers = new BufferPool(MOST_IDLE_BYTES);
        SessionTerms how = new SessionTerms(new ExecutionProvider.Cpu(), A_THREAD_PER_CORE, buffers);
        try {
            DjlTokenizer tokenizer = DjlTokenizer.open(bundle);
            opened.push(tokenizer::close);
            OnnxTextEncoder textEncoder = OnnxTextEncoder.open(bundle, how);
            opened.push(textEncoder::close);
            OnnxGenerator generator = OnnxGenerator.open(bundle, how);
            opened.push(generator::close);
            OnnxFrameDecoder decoder = OnnxFrameDecoder.open(bundle, how);
            opened.push(decoder::close);
            long fileBytes = textEncoder.fileBytes() + generator.fileBytes() + decoder.fileBytes();
            return new ModelStages(
                    tokenizer, textEncoder, generator, samplers(bundle, buffers), decoder, opened, fileBytes);
        } catch (RuntimeException | Error e) {
            opened.forEach(Runnable::run);
            throw e;
        }
    }

    private static Map<Integer, Sampler> samplers(ModelBundle bundle, BufferPool buffers) {
        return bundle.manifest().samplers().stream()
                .collect(Collectors.toMap(
                        SamplerTerms::steps, terms -> Sampler.of(terms.name(), terms.timesteps(), buffers)));
    }

    /** Frees the model. No stage may be running or be called again. */
    @Override
    public void close() {
        opened.forEach(Runnable::run);
    }
}
