package io.zoetrope.generate;

import java.nio.FloatBuffer;

/** The straight flow x_t = (1 - t) x + t z between a clip x and noise z, with velocity v = z - x. */
final class Flow {
    private Flow() {}

    /** The clip that a velocity at x_t points to: x = x_t - t v. */
    static Latents toData(Latents xt, float t, Latents velocity) {
        return combine(1, xt, -t, velocity);
    }

    /** A clip on its way to noise: x_t = (1 - t) x + t z. */
    static Latents toNoise(Latents x, float t, Latents z) {
        return combine(1 - t, x, t, z);
    }

    private static Latents combine(float factor, Latents first, float otherFactor, Latents other) {
        if (first.batch() != other.batch() || !first.shape().equals(other.shape())) {
            throw new IllegalArgumentException("latents: expected " + first.batch() + " x " + first.shape()
                    + ", the generator gave " + other.batch() + " x " + other.shape());
        }
        FloatBuffer a = first.values();
        FloatBuffer b = other.values();
        FloatBuffer sum = Latents.allocate(first.batch(), first.shape());
        for (int i = 0; i < sum.capacity(); i++) {
            sum.put(i, factor * a.get(i) + otherFactor * b.get(i));
        }
        return new Latents(sum, first.batch(), first.shape());
    }
}
