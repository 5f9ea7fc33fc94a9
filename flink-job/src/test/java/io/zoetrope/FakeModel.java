package io.zoetrope;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Filled;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Stages that compute nothing: frames of 2x2 pixels whose first byte tells the sampled noise from another. */
final class FakeModel {
    static final LatentShape SHAPE = new LatentShape(1, 1, 1, 1);

    final List<Integer> batches = new ArrayList<>();
    final List<String> closed = new ArrayList<>();
    private final BufferPool buffers = new BufferPool(1 << 20);
    private final Consumer<String> onStage;

    /** Calls {@code onStage} with the name of each stage before it runs. */
    FakeModel(Consumer<String> onStage) {
        this.onStage = onStage;
    }

    /** A token for each character, padded to a multiple of four; at most twelve. */
    static Tokens tokenize(String prompt) {
        int length = prompt.length();
        if (length > 12) {
            throw new RequestException(FailureCode.PROMPT_TOO_LONG, "text", "too long");
        }
        return new Tokens(LongBuffer.allocate((length + 3) / 4 * 4), length);
    }

    ModelStages stages() {
        Deque<Runnable> opened = new ArrayDeque<>(List.of(() -> closed.add("model")));
        return new ModelStages(
                FakeModel::tokenize,
                new FakeTextEncoder(),
                new FakeGenerator(),
                Map.of(
                        1,
                        Sampler.of("one-step", List.of(1f), buffers),
                        2,
                        Sampler.of("two-step", List.of(1f, 0.5f), buffers)),
                new FakeDecoder(),
                opened,
                0);
    }

    private final class FakeTextEncoder implements TextEncoder {
        @Override
        public List<TextEmbedding> encode(List<Tokens> batch) {
            onStage.accept("text");
            batches.add(batch.size());
            return batch.stream()
                    .map(tokens ->
                            new TextEmbedding(Filled.floats(new float[tokens.paddedLength()]), tokens.length(), 1))
                    .toList();
        }

        @Override
        public void close() {}
    }

    private final class FakeGenerator implements Generator {
        @Override
        public LatentShape latentShape() {
            return SHAPE;
        }

        @Override
        public LatentBatch velocity(LatentBatch x, float t, List<TextEmbedding> text) {
            onStage.accept("generate");
            return new LatentBatch(Filled.floats(new float[x.batch()]), x.batch(), SHAPE);
        }

        @Override
        public void close() {}
    }

    private final class FakeDecoder implements FrameDecoder {
        @Override
        public List<Frames> decode(List<Latents> batch) {
            onStage.accept("decode");
            List<Frames> frames = new ArrayList<>();
            for (Latents latents : batch) {
                ByteBuffer yuv = ByteBuffer.allocate(6);
                yuv.putFloat(0, latents.values().get(0));
                frames.add(new Frames(Filled.bytes(yuv), 1, 2, 2));
            }
            return frames;
        }

        @Override
        public void close() {}
    }
}
