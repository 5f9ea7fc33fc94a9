package io.zoetrope.bundle;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The description of a bundle, {@code manifest.json} in its folder.
 *
 * @param name the model's name, by which events select it
 * @param version the version of the bundle
 * @param license the licence of the weights, as an SPDX identifier
 * @param tokenizer the tokenizer, from prompt to token ids
 * @param textEncoder the graph from token ids to text embedding
 * @param imageEncoder the graph from first frame to its latents; empty if clips are made from text alone
 * @param generator the graph from latents, timestep, text embedding and, if it accepts one, first frame to velocity
 * @param decoder the graph from latents to frames
 * @param latents the latents between generator and decoder
 * @param samplers the samplers that the generator supports, at least one
 * @param video the videos that the bundle makes
 * @param provenance the origin and the measured quality of the bundle
 */
public record Manifest(
        String name,
        String version,
        String license,
        TokenizerFile tokenizer,
        GraphFile textEncoder,
        Optional<GraphFile> imageEncoder,
        GraphFile generator,
        GraphFile decoder,
        LatentLayout latents,
        List<SamplerSpec> samplers,
        VideoSpec video,
        Provenance provenance) {
    /** The manifest's file name. */
    static final String FILE = "manifest.json";

    /** The name of the text encoder's output. */
    static final String LAST_HIDDEN_STATE = "last_hidden_state";

    public Manifest {
        samplers = List.copyOf(samplers);
    }

    /** Returns whether the generator's graph has inputs for a first frame. */
    public boolean generatorTakesFirstFrame() {
        return generator.inputs().containsKey(ManifestChecks.FIRST_FRAME);
    }

    /**
     * Returns the axes of a run on latents.
     *
     * @param length L, the tokens of a prompt with padding, 0 if the graph takes no text
     * @throws IllegalArgumentException if the bundle makes no videos of that size or length
     */
    public Axes axes(int batch, int length, int latentFrames, int latentHeight, int latentWidth) {
        int width = latents.pixels(latentWidth);
        int height = latents.pixels(latentHeight);
        int frames = latents.frames(latentFrames);
        video.requireVideo(width, height, frames);
        return new Axes(batch, length, latentFrames, latentHeight, latentWidth, frames, height, width);
    }

    /** Returns the axes of a run on videos of the default size and length. */
    public Axes defaultAxes(int batch, int length) {
        FrameSize size = video.sizes().get(0);
        return axes(
                batch,
                length,
                latents.latentFrames(video.frameCounts().get(0)),
                latents.cells(size.height()),
                latents.cells(size.width()));
    }

    /** Returns the numbers per token of the text embedding: the last axis of the text encoder's output. */
    public int textWidth() {
        TensorSpec output = Objects.requireNonNull(textEncoder.outputs().get(LAST_HIDDEN_STATE));
        return Integer.parseInt(output.shape().get(2));
    }
}
