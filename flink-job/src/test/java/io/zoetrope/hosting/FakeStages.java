package io.zoetrope.hosting;

import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The four stages of a {@link FakeModel}, which compute next to nothing. */
final class FakeStages {
    private FakeStages() {}

    static final class Text implements TextEncoder {
        private final FakeStage stage;

        Text(FakeStage stage) {
            this.stage = stage;
        }

        @Override
        public List<TextEmbedding> encode(List<Tokens> batch) {
            stage.runs(batch.size());
            return batch.stream()
                    .map(tokens -> new TextEmbedding(
                            stage.buffers().take(Float.BYTES * tokens.paddedLength()), tokens.length(), 1))
                    .toList();
        }

        @Override
        public long fileBytes() {
            return FakeModel.FILE_BYTES;
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    static final class Generation implements Generator {
        private final FakeStage stage;

        Generation(FakeStage stage) {
            this.stage = stage;
        }

        @Override
        public LatentShape latentShape() {
            return FakeModel.SHAPE;
        }

        @Override
        public LatentBatch velocity(LatentBatch x, float t, List<Condition> conditions) {
            stage.runs(x.batch());
            conditions.forEach(condition -> condition.text().values());
            var memory = stage.buffers().take(Float.BYTES * x.batch());
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

        @Override
        public long fileBytes() {
            return FakeModel.FILE_BYTES;
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    static final class Image implements ImageEncoder {
        private final FakeStage stage;

        Image(FakeStage stage) {
            this.stage = stage;
        }

        @Override
        public List<FirstFrame> encode(List<Picture> batch) {
            stage.runs(batch.size());
            return batch.stream()
                    .map(picture -> {
                        var memory = stage.buffers().take(Float.BYTES);
                        memory.floats().put(0, picture.rgb().get(0));
                        return new FirstFrame(memory);
                    })
                    .toList();
        }

        @Override
        public long fileBytes() {
            return FakeModel.FILE_BYTES;
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    static final class Decoding implements FrameDecoder {
        private final FakeStage stage;

        Decoding(FakeStage stage) {
            this.stage = stage;
        }

        @Override
        public List<Frames> decode(List<Latents> batch) {
            stage.runs(batch.size());
            List<Frames> frames = new ArrayList<>();
            for (Latents latents : batch) {
                var memory = stage.buffers().take(6);
                ByteBuffer yuv = memory.bytes();
                yuv.putFloat(0, latents.values().get(0));
                yuv.putShort(4, (short) 0);
                frames.add(new Frames(memory, 1, 2, 2));
            }
            return frames;
        }

        @Override
        public long fileBytes() {
            return FakeModel.FILE_BYTES;
        }

        @Override
        public void close() {
            stage.close();
        }
    }
}
