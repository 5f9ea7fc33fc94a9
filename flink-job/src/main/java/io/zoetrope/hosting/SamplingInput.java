package io.zoetrope.hosting;

import io.zoetrope.generate.Condition;

/**
 * What a video is generated from.
 *
 * @param condition the prompt's text and first frame, which stay the caller's
 * @param seed of its noise
 * @param steps generator passes
 */
public record SamplingInput(Condition condition, long seed, int steps) {
    /** What scenes have in common that can run together: one shape of tensors, one sampler. With and without a first frame is one. */
    String bucket() {
        return condition.text().paddedLength() + "x" + steps;
    }
}
