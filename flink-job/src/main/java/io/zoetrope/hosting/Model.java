package io.zoetrope.hosting;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.generate.Generator;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.PictureReader;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/** A model whose stages can be opened, each on a device of its own choice; itself it holds but the tokenizer. */
public interface Model extends AutoCloseable {
    /** As videos name it. */
    String name();

    /** Tells it from all others; models of one digest share what is open in a process. */
    String digest();

    /** Of its videos. */
    FrameRate frameRate();

    /** Its samplers, one for each number of steps. */
    List<SamplerSpec> samplers();

    /** How many prompts a run of a stage takes at most. */
    MaxBatch maxBatch();

    /** Cuts prompts, until the model is closed. */
    Tokenizer tokenizer();

    /** Loads the text encoder, for the caller to close. */
    TextEncoder openTextEncoder(StageContext context);

    /** Loads the generator, for the caller to close. */
    Generator openGenerator(StageContext context);

    /** Loads the decoder, for the caller to close. */
    FrameDecoder openDecoder(StageContext context);

    /** How it takes first frames; empty if its videos start from text alone. */
    default Optional<Images> images() {
        return Optional.empty();
    }

    /** Frees the tokenizer; stages that were opened stay open. */
    @Override
    void close();

    /** A model's way from an image file to what its generator reads. */
    interface Images {
        /** Reads image files in the size of the videos. */
        PictureReader reader();

        /** How many pictures a run of the encoder takes at most. */
        int maxBatch();

        /** Loads the image encoder, for the caller to close. */
        ImageEncoder openEncoder(StageContext context);
    }

    /**
     * How many prompts a run takes at most.
     *
     * @param text of the text encoder
     * @param generate of the generator
     * @param decode of the decoder
     */
    record MaxBatch(int text, int generate, int decode) {
        /** Of the stage that takes most. */
        public int largest() {
            return Math.max(text, Math.max(generate, decode));
        }
    }
}
