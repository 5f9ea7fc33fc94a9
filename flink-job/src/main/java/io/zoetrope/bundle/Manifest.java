package io.zoetrope.bundle;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The description of a bundle, {@code manifest.json} in its folder.
 *
 * @param name the model's name, by which events select it
 * @param version the version of the bundle
 * @param license the licence of the weights, as an SPDX identifier
 * @param tokenizer the tokenizer, from prompt to token ids
 * @param textEncoder the graph from token ids to text embedding
 * @param imageEncoder the graph from first frame to its latents; empty if clips are made from text alone
 * @param generators the graphs from latents, timestep, text embedding and, if they accept one, image to velocity, by
 *     name, at least one; all have the same inputs and outputs
 * @param decoder the graph from latents to frames
 * @param latents the latents between generator and decoder
 * @param samplers the samplers that the generator supports, at least one
 * @param defaultSteps the number of steps of a request that does not choose one
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
        Map<String, GraphFile> generators,
        GraphFile decoder,
        LatentLayout latents,
        List<SamplerSpec> samplers,
        int defaultSteps,
        VideoSpec video,
        Provenance provenance) {
    /** The manifest's file name. */
    static final String FILE = "manifest.json";

    /** The name of the text encoder's output. */
    static final String LAST_HIDDEN_STATE = "last_hidden_state";

    public Manifest {
        generators = Map.copyOf(generators);
        samplers = List.copyOf(samplers);
    }

    /** Returns a generator, for what all generators have in common: inputs and outputs. */
    public GraphFile anyGenerator() {
        return generators.values().iterator().next();
    }

    /** Returns all graphs. */
    public List<GraphFile> graphs() {
        return Stream.of(
                        Stream.of(textEncoder), imageEncoder.stream(), generators.values().stream(), Stream.of(decoder))
                .flatMap(graphs -> graphs)
                .toList();
    }

    /** Returns how requests use first frames. */
    public FirstFrameUse firstFrameUse() {
        if (imageEncoder.isEmpty()) {
            return FirstFrameUse.REFUSED;
        }
        return anyGenerator().inputs().containsKey(ManifestChecks.CONDITION)
                ? FirstFrameUse.REQUIRED
                : FirstFrameUse.OPTIONAL;
    }

    /** Whether a request has an image that its video starts from. */
    public enum FirstFrameUse {
        REFUSED,
        OPTIONAL,
        REQUIRED
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
