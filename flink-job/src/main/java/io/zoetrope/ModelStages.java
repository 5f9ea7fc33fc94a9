package io.zoetrope;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.SamplerTerms;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.Sampler;
import io.zoetrope.onnx.OnnxFrameDecoder;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.OnnxTextEncoder;
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
 */
record ModelStages(
        Tokenizer tokenizer,
        TextEncoder textEncoder,
        Generator generator,
        Map<Integer, Sampler> samplers,
        FrameDecoder decoder,
        Deque<Runnable> opened)
        implements AutoCloseable {
    private static final int A_THREAD_PER_CORE = 0;

    /**
     * Loads the stages of a bundle; on a fault, none stays loaded.
     *
     * @throws io.zoetrope.bundle.BundleException if a file cannot be loaded
     */
    static ModelStages open(ModelBundle bundle) {
        Deque<Runnable> opened = new ArrayDeque<>();
        try {
            DjlTokenizer tokenizer = DjlTokenizer.open(bundle);
            opened.push(tokenizer::close);
            TextEncoder textEncoder = OnnxTextEncoder.open(bundle, A_THREAD_PER_CORE);
            opened.push(textEncoder::close);
            Generator generator = OnnxGenerator.open(bundle, A_THREAD_PER_CORE);
            opened.push(generator::close);
            FrameDecoder decoder = OnnxFrameDecoder.open(bundle, A_THREAD_PER_CORE);
            opened.push(decoder::close);
            return new ModelStages(tokenizer, textEncoder, generator, samplers(bundle), decoder, opened);
        } catch (RuntimeException | Error e) {
            opened.forEach(Runnable::run);
            throw e;
        }
    }

    private static Map<Integer, Sampler> samplers(ModelBundle bundle) {
        return bundle.manifest().samplers().stream()
                .collect(Collectors.toMap(SamplerTerms::steps, terms -> Sampler.of(terms.name(), terms.timesteps())));
    }

    /** Frees the model. No stage may be running or be called again. */
    @Override
    public void close() {
        opened.forEach(Runnable::run);
    }
}
