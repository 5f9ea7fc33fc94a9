package io.zoetrope.hosting;

import io.zoetrope.bundle.SamplerSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.PictureReader;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * A model whose stages can be opened, each on a device of the caller's choice. The model itself holds only its
 * tokenizer.
 */
public interface Model extends AutoCloseable {
    /** Returns the name that videos state. */
    String name();

    /**
     * Returns the digest that identifies the model. Models of equal digests share the stages that are open in a
     * process.
     */
    String digest();

    /** Returns the frame rate of the model's videos. */
    FrameRate frameRate();

    /** Returns the shape of a video that a request may leave to the model. */
    VideoShape defaultShape();

    /** Returns the shape of a video's latents. */
    LatentShape latentShape(VideoShape shape);

    /** Returns the number of steps of a request that does not choose one. */
    int defaultSteps();

    /** Returns the samplers, one for each number of steps. */
    List<SamplerSpec> samplers();

    /** Returns the largest batch of each stage. */
    MaxBatch maxBatch();

    /** Returns the tokenizer, usable until the model is closed. */
    Tokenizer tokenizer();

    /** Loads the text encoder. The caller closes it. */
    TextEncoder openTextEncoder(StageContext context);

    /**
     * Loads a generator. The caller closes it.
     *
     * @param name a name that a sampler's pass has
     */
    Generator openGenerator(String name, StageContext context);

    /** Loads the decoder. The caller closes it. */
    FrameDecoder openDecoder(StageContext context);

    /** Returns how the model reads and encodes first frames; empty if its videos start from text alone. */
    default Optional<Images> images() {
        return Optional.empty();
    }

    /** Frees the tokenizer. Stages that were opened stay open, and stages can still be opened. */
    @Override
    void close();

    /** Turns an image file into the generator's input. */
    interface Images {
        /** Returns a reader that decodes image files and resizes them to the size of a video's frames. */
        PictureReader reader(VideoShape shape);

        /** Returns the largest number of pictures in a batch of the encoder. */
        int maxBatch();

        /** Loads the image encoder. The caller closes it. */
        ImageEncoder openEncoder(StageContext context);
    }

    /**
     * The largest number of prompts in a batch, per stage.
     *
     * @param text the largest batch of the text encoder
     * @param generate the largest batch of the generator
     * @param decode the largest batch of the decoder
     */
    record MaxBatch(int text, int generate, int decode) {
        /** Returns the largest of the three. */
        public int largest() {
            return Math.max(text, Math.max(generate, decode));
        }
    }
}
