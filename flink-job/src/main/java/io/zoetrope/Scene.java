package io.zoetrope;

import io.zoetrope.text.TextEmbedding;

/**
 * What a video is generated from.
 *
 * @param text the prompt's, which stays the caller's
 * @param seed of its noise
 * @param steps generator passes
 */
record Scene(TextEmbedding text, long seed, int steps) {
    /** What scenes have in common that can run together: one shape of tensors, one sampler. */
    String bucket() {
        return text.paddedLength() + "x" + steps;
    }
}
