package io.zoetrope.generate;

import java.nio.FloatBuffer;

/** The straight flow x_t = (1 - t) x + t z between a clip x and noise z, with velocity v = z - x. In place. */
final class Flow {
    private Flow() {}

    /** Makes x_t the clip that a velocity there points to: x = x_t - t v. */
    static void toData(LatentBatch xt, float t, LatentBatch velocity) {
        combine(1, xt, -t, velocity);
    }

    /** Makes a clip x a point on its way to noise: x_t = (1 - t) x + t z. */
    static void toNoise(LatentBatch x, float t, LatentBatch z) {
        combine(1 - t, x, t, z);
    }

    private static void combine(float factor, LatentBatch changed, float otherFactor, LatentBatch other) {
        if (changed.batch() != other.batch() || !changed.shape().equals(other.shape())) {
            throw new IllegalArgumentException("latents: expected " + changed.batch() + " x " + changed.shape()
                    + ", the generator gave " + other.batch() + " x " + other.shape());
        }
        FloatBuffer a = changed.writable();
        FloatBuffer b = other.writable();
        int count = a.capacity();
        for (int i = 0; i < count; i++) {
            a.put(i, factor * a.get(i) + otherFactor * b.get(i));
        }
    }
}
