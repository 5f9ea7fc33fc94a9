package io.zoetrope.imageio;

import java.awt.image.BufferedImage;

/**
 * Scaling by a cubic kernel (Catmull-Rom) that is widened when it makes an image smaller, so that every pixel of the
 * source counts. An image that has its size already is left as it is.
 */
final class Resize {
    private Resize() {}

    /**
     * Scales the largest middle part that has the aspect of the result.
     *
     * @return red, green and blue, 8 bit, [height, width, 3]
     */
    static byte[] toFill(BufferedImage image, int width, int height) {
        PixelRows rows = new PixelRows(image);
        double scale = Math.min((double) rows.width() / width, (double) rows.height() / height);
        Taps[] across = taps(rows.width(), width, scale);
        Taps[] down = taps(rows.height(), height, scale);

        float[] sum = new float[height * width * 3];
        float[] source = new float[rows.width() * 3];
        float[] narrow = new float[width * 3];
        for (int y = down[0].first; y < down[height - 1].end(); y++) {
            boolean read = false;
            for (int outY = 0; outY < height; outY++) {
                float weight = down[outY].weight(y);
                if (weight == 0) {
                    continue;
                }
                if (!read) {
                    rows.read(y, source);
                    squeeze(source, across, narrow);
                    read = true;
                }
                for (int i = 0; i < narrow.length; i++) {
                    sum[outY * narrow.length + i] += weight * narrow[i];
                }
            }
        }
        return bytes(sum);
    }

    private static void squeeze(float[] source, Taps[] across, float[] narrow) {
        for (int x = 0; x < across.length; x++) {
            Taps taps = across[x];
            for (int channel = 0; channel < 3; channel++) {
                float value = 0;
                for (int i = 0; i < taps.weights.length; i++) {
                    value += taps.weights[i] * source[3 * (taps.first + i) + channel];
                }
                narrow[3 * x + channel] = value;
            }
        }
    }

    private static byte[] bytes(float[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) Math.round(255 * Math.min(1, Math.max(0, values[i])));
        }
        return bytes;
    }

    /** For each place of a side, what of the source side goes into it; of the middle that {@code count * scale} is. */
    private static Taps[] taps(int sourceCount, int count, double scale) {
        double start = (sourceCount - count * scale) / 2;
        Taps[] taps = new Taps[count];
        for (int i = 0; i < count; i++) {
            taps[i] = Taps.around(start + (i + 0.5) * scale, Math.max(1, scale), sourceCount);
        }
        return taps;
    }

    /** Weights of neighbouring places, the first of which is {@code first}; they sum to 1. */
    private static final class Taps {
        private static final int RADIUS = 2;

        private final int first;
        private final float[] weights;

        private Taps(int first, float[] weights) {
            this.first = first;
            this.weights = weights;
        }

        static Taps around(double centre, double widening, int sourceCount) {
            int first = (int) Math.max(0, Math.floor(centre - RADIUS * widening));
            int end = (int) Math.min(sourceCount, Math.ceil(centre + RADIUS * widening));
            double[] weights = new double[end - first];
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                weights[i] = cubic((first + i + 0.5 - centre) / widening);
                sum += weights[i];
            }
            float[] normalised = new float[weights.length];
            for (int i = 0; i < weights.length; i++) {
                normalised[i] = (float) (weights[i] / sum);
            }
            return new Taps(first, normalised);
        }

        int end() {
            return first + weights.length;
        }

        float weight(int place) {
            int i = place - first;
            return i >= 0 && i < weights.length ? weights[i] : 0;
        }

        /** Catmull-Rom: 1 at 0, and 0 at every other whole number. */
        private static double cubic(double distance) {
            double d = Math.abs(distance);
            if (d < 1) {
                return (1.5 * d - 2.5) * d * d + 1;
            }
            return d < RADIUS ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
        }
    }
}
