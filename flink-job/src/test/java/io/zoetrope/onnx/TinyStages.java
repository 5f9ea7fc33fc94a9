package io.zoetrope.onnx;

import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.TestSamplers;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The opened stages of the tiny bundle, whose graphs are sums that a reader can compute; see tiny_bundle.py. */
final class TinyStages implements AutoCloseable {
    static final LatentShape SHAPE = new LatentShape(2, 2, 2, 2);

    final OnnxTextEncoder textEncoder;
    final OnnxGenerator generator;
    final OnnxFrameDecoder decoder;

    private TinyStages(OnnxTextEncoder textEncoder, OnnxGenerator generator, OnnxFrameDecoder decoder) {
        this.textEncoder = textEncoder;
        this.generator = generator;
        this.decoder = decoder;
    }

    static TinyStages open() {
        ModelBundle bundle = ModelBundle.open(BundleFolder.original());
        SessionSpec session = TestSessions.withOneThread();
        return new TinyStages(
                OnnxTextEncoder.open(bundle, session),
                OnnxGenerator.open(bundle, "generator", session),
                OnnxFrameDecoder.open(bundle, session));
    }

    @Override
    public void close() {
        textEncoder.close();
        generator.close();
        decoder.close();
    }

    /** Returns the velocity of a batch at t = 1 with a text of one token. */
    FloatBuffer velocity(LatentBatch x) {
        return generator
                .velocity(x, TestSamplers.at(1), Collections.nCopies(x.batch(), condition(embedding(1, 1))))
                .values();
    }

    /** Returns token ids, the first {@code length} of which are not padding. */
    static Tokens tokens(int length, long... ids) {
        return new Tokens(LongBuffer.wrap(ids), length);
    }

    /** Returns the condition of a clip without a first frame. */
    static Condition condition(TextEmbedding text) {
        return Condition.ofText(text);
    }

    /** Returns an embedding with rows of width 4 that begin with the given numbers. */
    static TextEmbedding embedding(int length, float... firsts) {
        FloatBuffer values = FloatBuffer.allocate(firsts.length * 4);
        for (int row = 0; row < firsts.length; row++) {
            values.put(row * 4, firsts[row]);
        }
        return new TextEmbedding(TestBuffers.floats(values), length, 4);
    }

    /** Returns a batch whose latents are all of one value. */
    static LatentBatch latents(int batch, float value) {
        float[] values = new float[batch * SHAPE.size()];
        Arrays.fill(values, value);
        return new LatentBatch(TestBuffers.floats(values), batch, SHAPE);
    }

    /** Returns videos whose latents are all of one value. */
    static List<Latents> videos(int count, float value) {
        return Collections.nCopies(
                count, new Latents(TestBuffers.floats(latents(1, value).values()), SHAPE));
    }
}
