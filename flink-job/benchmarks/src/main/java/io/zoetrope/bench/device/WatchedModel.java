package io.zoetrope.bench.device;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.NoiseLevel;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.StageContext;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import io.zoetrope.text.Tokens;
import java.util.List;

/**
 * A model that records when its stages run.
 *
 * @param model the model that does the work
 * @param spans the recorded spans
 */
public record WatchedModel(Model model, Spans spans) implements Model {
    @Override
    public String name() {
        return model.name();
    }

    /** Returns another digest than the model's, because lanes must not be shared with jobs that record no spans. */
    @Override
    public String digest() {
        return model.digest() + " watched";
    }

    @Override
    public FrameRate frameRate() {
        return model.frameRate();
    }

    @Override
    public VideoShape defaultShape() {
        return model.defaultShape();
    }

    @Override
    public LatentShape latentShape(VideoShape shape) {
        return model.latentShape(shape);
    }

    @Override
    public int defaultSteps() {
        return model.defaultSteps();
    }

    @Override
    public List<SamplerSpec> samplers() {
        return model.samplers();
    }

    @Override
    public MaxBatch maxBatch() {
        return model.maxBatch();
    }

    @Override
    public Tokenizer tokenizer() {
        return model.tokenizer();
    }

    @Override
    public TextEncoder openTextEncoder(StageContext home) {
        return new WatchedText(model.openTextEncoder(home), spans);
    }

    @Override
    public Generator openGenerator(String name, StageContext home) {
        return new WatchedGenerator(model.openGenerator(name, home), spans);
    }

    @Override
    public FrameDecoder openDecoder(StageContext home) {
        return new WatchedDecoder(model.openDecoder(home), spans);
    }

    @Override
    public void close() {
        model.close();
    }

    private record WatchedText(TextEncoder stage, Spans spans) implements TextEncoder {
        @Override
        public List<TextEmbedding> encode(List<Tokens> batch) {
            return spans.during("text", () -> stage.encode(batch));
        }

        @Override
        public long fileBytes() {
            return stage.fileBytes();
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    private record WatchedGenerator(Generator stage, Spans spans) implements Generator {
        @Override
        public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
            return spans.during("generate", () -> stage.velocity(x, level, conditions));
        }

        @Override
        public long fileBytes() {
            return stage.fileBytes();
        }

        @Override
        public void close() {
            stage.close();
        }
    }

    private record WatchedDecoder(FrameDecoder stage, Spans spans) implements FrameDecoder {
        @Override
        public List<Frames> decode(List<Latents> batch) {
            return spans.during("decode", () -> stage.decode(batch));
        }

        @Override
        public long fileBytes() {
            return stage.fileBytes();
        }

        @Override
        public void close() {
            stage.close();
        }
    }
}
