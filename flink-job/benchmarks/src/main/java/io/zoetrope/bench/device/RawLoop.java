package io.zoetrope.bench.device;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.VideoTerms;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * The limit: a bundle's three graphs, run one after the other in a bare loop, for one batch of prompts that are tokens
 * and noise already. Its tensors are made once, inputs and outputs; nothing is read from the outputs.
 */
public final class RawLoop implements AutoCloseable {
    private final OrtEnvironment env = OrtEnvironment.getEnvironment();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final int batch;
    private final Graph text;
    private final Graph generator;
    private final Graph decoder;

    private record Graph(OrtSession session, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
        void run() throws OrtException {
            session.run(inputs, outputs).close();
        }
    }

    /**
     * Loads the graphs.
     *
     * @param threads of one run
     * @param batch how many clips run together
     */
    public RawLoop(ModelBundle bundle, int threads, int batch) throws OrtException {
        this.batch = batch;
        LatentLayout layout = bundle.manifest().latents();
        VideoTerms video = bundle.manifest().video();
        Tokens[] tokens = tokens(bundle);
        int length = tokens[0].paddedLength();
        long[] rows = {batch, length};
        long[] latentShape = {batch, layout.channels(), layout.frames(), layout.height(), layout.width()};

        LongBuffer ids = longs(rows);
        LongBuffer mask = longs(rows);
        for (int row = 0; row < batch; row++) {
            ids.put(row * length, tokens[row].ids(), 0, length);
            for (int i = 0; i < tokens[row].length(); i++) {
                mask.put(row * length + i, 1);
            }
        }
        FloatBuffer noise = floats(latentShape);
        Random random = new Random(1);
        for (int i = 0; i < noise.capacity(); i++) {
            noise.put(i, (float) random.nextGaussian());
        }
        FloatBuffer timestep = floats(batch);
        for (int i = 0; i < batch; i++) {
            timestep.put(i, 1);
        }

        OnnxTensor maskTensor = tensor(mask, rows);
        OnnxTensor hidden = tensor(
                floats(batch, length, bundle.manifest().textWidth()),
                batch,
                length,
                bundle.manifest().textWidth());
        OnnxTensor latents = tensor(noise, latentShape);
        long[] frames = {batch, video.frameCount(), video.height() * 3L / 2, video.width()};
        OnnxTensor yuv = keep(OnnxTensor.createTensor(env, direct(1, frames), frames, OnnxJavaType.UINT8));
        text = new Graph(
                session(bundle, bundle.manifest().textEncoder().file(), threads),
                Map.of(
                        "input_ids",
                        tensor(ids, rows),
                        "attention_mask",
                        maskTensor,
                        "token_type_ids",
                        tensor(longs(rows), rows)),
                Map.of("last_hidden_state", hidden));
        Map<String, OnnxTensor> told = new HashMap<>(Map.of(
                "latents", latents,
                "timestep", tensor(timestep, batch),
                "text_embedding", hidden,
                "text_mask", maskTensor));
        if (bundle.manifest().generatorTakesFirstFrame()) { // none is given
            long[] firstFrame = {batch, layout.channels(), layout.height(), layout.width()};
            told.put("first_frame", tensor(floats(firstFrame), firstFrame));
            told.put("first_frame_mask", tensor(floats(batch), batch));
        }
        generator = new Graph(
                session(bundle, bundle.manifest().generator().file(), threads),
                told,
                Map.of("velocity", tensor(floats(latentShape), latentShape)));
        decoder = new Graph(
                session(bundle, bundle.manifest().decoder().file(), threads),
                Map.of("latents", latents),
                Map.of("frames", yuv));
    }

    /** One pass: all three graphs, one batch. */
    public void run() throws OrtException {
        text.run();
        generator.run();
        decoder.run();
    }

    /** Clips in a pass. */
    public int batch() {
        return batch;
    }

    /**
     * Clips a second over some time.
     *
     * @param nanos at least this long, and whole passes
     */
    public double rate(long nanos) throws OrtException {
        long start = System.nanoTime();
        long now = start;
        int passes = 0;
        while (now - start < nanos) {
            run();
            passes++;
            now = System.nanoTime();
        }
        return passes * batch / ((now - start) / 1e9);
    }

    private Tokens[] tokens(ModelBundle bundle) {
        try (DjlTokenizer tokenizer = DjlTokenizer.open(bundle)) {
            Tokens[] tokens = new Tokens[batch];
            Arrays.setAll(tokens, i -> tokenizer.tokenize(Clips.text(i)));
            return tokens;
        }
    }

    private OrtSession session(ModelBundle bundle, DigestedFile file, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return keep(env.createSession(bundle.path(file).toString(), options));
        }
    }

    private OnnxTensor tensor(LongBuffer values, long... shape) throws OrtException {
        return keep(OnnxTensor.createTensor(env, values, shape));
    }

    private OnnxTensor tensor(FloatBuffer values, long... shape) throws OrtException {
        return keep(OnnxTensor.createTensor(env, values, shape));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    private static LongBuffer longs(long... shape) {
        return direct(Long.BYTES, shape).asLongBuffer();
    }

    private static FloatBuffer floats(long... shape) {
        return direct(Float.BYTES, shape).asFloatBuffer();
    }

    private static ByteBuffer direct(int bytes, long... shape) {
        int elements = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        return ByteBuffer.allocateDirect(bytes * elements).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }
}
