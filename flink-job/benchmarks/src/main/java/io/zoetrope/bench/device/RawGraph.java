package io.zoetrope.bench.device;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/** A graph of a bundle for batches of one size. Its input and output tensors are allocated once. */
final class RawGraph implements AutoCloseable {
    private final OrtEnvironment env = OrtEnvironment.getEnvironment();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();
    private final Random random = new Random(1);
    private final int batch;
    private final OrtSession session;

    private RawGraph(ModelBundle bundle, DigestedFile file, int threads, int batch) throws OrtException {
        this.batch = batch;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = keep(env.createSession(bundle.path(file).toString(), options));
        }
    }

    static RawGraph text(ModelBundle bundle, int threads, int batch) throws OrtException {
        Manifest manifest = bundle.manifest();
        RawGraph graph = new RawGraph(bundle, manifest.textEncoder().file(), threads, batch);
        List<Tokens> tokens = tokens(bundle, batch);
        int length = tokens.get(0).paddedLength();
        LongBuffer ids = longs(batch, length);
        tokens.forEach(prompt -> ids.put(prompt.ids()));
        graph.inputs.put("input_ids", graph.tensor(ids.rewind(), batch, length));
        graph.inputs.put("attention_mask", graph.mask(tokens));
        graph.inputs.put("token_type_ids", graph.tensor(longs(batch, length), batch, length));
        graph.outputs.put("last_hidden_state", graph.normal(batch, length, manifest.textWidth()));
        return graph;
    }

    static RawGraph generator(ModelBundle bundle, int threads, int batch) throws OrtException {
        Manifest manifest = bundle.manifest();
        RawGraph graph = new RawGraph(bundle, manifest.anyGenerator().file(), threads, batch);
        List<Tokens> tokens = tokens(bundle, batch);
        FloatBuffer timestep = floats(batch);
        IntStream.range(0, batch).forEach(i -> timestep.put(i, 1));
        graph.inputs.put("latents", graph.normal(latents(manifest, batch)));
        graph.inputs.put("timestep", graph.tensor(timestep, batch));
        graph.inputs.put("text_embedding", graph.normal(batch, tokens.get(0).paddedLength(), manifest.textWidth()));
        graph.inputs.put("text_mask", graph.mask(tokens));
        if (manifest.anyGenerator()
                .inputs()
                .containsKey("first_frame")) { // the mask of zeros says that there is no first frame
            TensorSpec spec =
                    Objects.requireNonNull(manifest.anyGenerator().inputs().get("first_frame"));
            long[] firstFrame = spec.sizes(manifest.defaultAxes(batch, 0));
            graph.inputs.put("first_frame", graph.tensor(floats(firstFrame), firstFrame));
            graph.inputs.put("first_frame_mask", graph.tensor(floats(batch), batch));
        }
        graph.outputs.put("velocity", graph.normal(latents(manifest, batch)));
        return graph;
    }

    static RawGraph decoder(ModelBundle bundle, int threads, int batch) throws OrtException {
        Manifest manifest = bundle.manifest();
        RawGraph graph = new RawGraph(bundle, manifest.decoder().file(), threads, batch);
        long[] frames = manifest.decoder().output().getValue().sizes(manifest.defaultAxes(batch, 0));
        graph.inputs.put("latents", graph.normal(latents(manifest, batch)));
        graph.outputs.put(
                "frames",
                graph.keep(OnnxTensor.createTensor(graph.env, direct(1, frames), frames, OnnxJavaType.UINT8)));
        return graph;
    }

    /** Runs whole batches until at least {@code clips} clips are done. */
    void run(int clips) throws OrtException {
        for (int done = 0; done < clips; done += batch) {
            session.run(inputs, outputs).close();
        }
    }

    int batch() {
        return batch;
    }

    private static List<Tokens> tokens(ModelBundle bundle, int batch) {
        try (DjlTokenizer tokenizer = DjlTokenizer.open(bundle)) {
            return IntStream.range(0, batch)
                    .mapToObj(i -> tokenizer.tokenize(Clips.text(i)))
                    .toList();
        }
    }

    private OnnxTensor mask(List<Tokens> tokens) throws OrtException {
        int length = tokens.get(0).paddedLength();
        LongBuffer mask = longs(tokens.size(), length);
        for (int row = 0; row < tokens.size(); row++) {
            for (int i = 0; i < tokens.get(row).length(); i++) {
                mask.put(row * length + i, 1);
            }
        }
        return tensor(mask, tokens.size(), length);
    }

    private OnnxTensor normal(long... shape) throws OrtException {
        FloatBuffer values = floats(shape);
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, (float) random.nextGaussian());
        }
        return tensor(values, shape);
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

    private static long[] latents(Manifest manifest, int batch) {
        return manifest.anyGenerator().output().getValue().sizes(manifest.defaultAxes(batch, 0));
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
