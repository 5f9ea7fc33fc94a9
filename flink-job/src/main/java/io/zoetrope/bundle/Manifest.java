package io.zoetrope.bundle;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a bundle says about itself, {@code manifest.json} in its folder.
 *
 * @param name that events may ask for
 * @param version of the bundle
 * @param license of its weights, as an SPDX identifier
 * @param tokenizer prompt to token ids
 * @param textEncoder token ids to text embedding
 * @param imageEncoder first frame to its latents; empty if clips start from text alone
 * @param generator latents, timestep and text embedding to velocity, under a first frame if it takes one
 * @param decoder latents to frames
 * @param latents between generator and decoder
 * @param samplers at least one
 * @param video what comes out
 * @param provenance where it comes from
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
    /** Its name in the folder. */
    static final String FILE = "manifest.json";

    /** The name of the text encoder's output. */
    static final String LAST_HIDDEN_STATE = "last_hidden_state";

    public Manifest {
        samplers = List.copyOf(samplers);
    }

    /** Whether the generator's graph has inputs for a first frame. */
    public boolean generatorTakesFirstFrame() {
        return generator.inputs().containsKey(ManifestChecks.FIRST_FRAME);
    }

    /** Numbers in a row of the text embedding: the last axis of the text encoder's output. */
    public int textWidth() {
        TensorSpec output = Objects.requireNonNull(textEncoder.outputs().get(LAST_HIDDEN_STATE));
        return Integer.parseInt(output.shape().get(2));
    }
}
