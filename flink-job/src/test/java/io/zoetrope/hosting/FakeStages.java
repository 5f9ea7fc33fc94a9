package io.zoetrope.hosting;

import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.NoiseLevel;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The four stages of a {@link FakeModel}. */
final class FakeStages {
    private FakeStages() {}

    static final class Text extends FakeStage implements TextEncoder {
        Text(FakeModel model, StageContext context) {
            super(model, "text", context);
        }

        @Override
        public List<TextEmbedding> encode(List<Tokens> batch) {
            runs(batch.size());
            return batch.stream()
                    .map(tokens ->
                            new TextEmbedding(buffers().take(Float.BYTES * tokens.paddedLength()), tokens.length(), 1))
                    .toList();
        }
    }

    /** Returns a velocity of minus the first frame, so that the sample is the noise plus the first frame. */
    static final class Generation extends FakeStage implements Generator {
        Generation(FakeModel model, StageContext context) {
            super(model, "generate", context);
        }

        @Override
        public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
            runs(x.batch());
            conditions.forEach(condition -> condition.text().values());
            var memory = buffers().take(Float.BYTES * x.batch());
            for (int i = 0; i < x.batch(); i++) {
                float start = conditions
                        .get(i)
                        .firstFrame()
                        .map(frame -> frame.values().get(0))
                        .orElse(0f);
                memory.floats().put(i, -start);
            }
            return new LatentBatch(memory, x.batch(), FakeModel.SHAPE);
        }
    }

    static final class Image extends FakeStage implements ImageEncoder {
        Image(FakeModel model, StageContext context) {
            super(model, "image", context);
        }

        @Override
        public List<FirstFrame> encode(List<FirstFrameInput> batch) {
            runs(batch.size());
            return batch.stream()
                    .map(input -> {
                        var memory = buffers().take(Float.BYTES);
                        memory.floats().put(0, input.picture().rgb().get(0));
                        return new FirstFrame(memory);
                    })
                    .toList();
        }
    }

    /** Writes the latents into the frames, so that a test can read them. */
    static final class Decoding extends FakeStage implements FrameDecoder {
        Decoding(FakeModel model, StageContext context) {
            super(model, "decode", context);
        }

        @Override
        public List<Frames> decode(List<Latents> batch) {
            runs(batch.size());
            List<Frames> frames = new ArrayList<>();
            for (Latents latents : batch) {
                var memory = buffers().take(6);
                ByteBuffer yuv = memory.bytes();
                yuv.putFloat(0, latents.values().get(0));
                yuv.putShort(4, (short) 0);
                frames.add(new Frames(memory, 1, 2, 2));
            }
            return frames;
        }
    }
}
