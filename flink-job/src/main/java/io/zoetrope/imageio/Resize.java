package io.zoetrope.imageio;

import java.awt.image.BufferedImage;

/**
 * Scaling by a cubic kernel (Catmull-Rom). To shrink an image, the kernel is widened, so that every pixel of the source
 * contributes. An image that already has the target size does not change.
 */
final class Resize {
    private Resize() {}

    /**
     * Scales the largest centred crop that has the aspect ratio of the result.
     *
     * @return red, green and blue, 8 bits each, [height, width, 3]
     */
    static byte[] toFill(BufferedImage image, int width, int height) {
        PixelRows rows = new PixelRows(image);
        double scale = Math.min((double) rows.width() / width, (double) rows.height() / height);
        Taps[] across = taps(rows.width(), width, scale);
        Taps[] down = taps(rows.height(), height, scale);

        float[] sum = new float[height * width * 3];
        float[] source = new float[rows.width() * 3];
        float[] resized = new float[width * 3];
        for (int y = down[0].first; y < down[height - 1].end(); y++) {
            boolean read = false;
            for (int outY = 0; outY < height; outY++) {
                float weight = down[outY].weight(y);
                if (weight == 0) {
                    continue;
                }
                if (!read) {
                    rows.read(y, source);
                    resizeRow(source, across, resized);
                    read = true;
                }
                for (int i = 0; i < resized.length; i++) {
                    sum[outY * resized.length + i] += weight * resized[i];
                }
            }
        }
        return bytes(sum);
    }

    private static void resizeRow(float[] source, Taps[] across, float[] resized) {
        for (int x = 0; x < across.length; x++) {
            Taps taps = across[x];
            for (int channel = 0; channel < 3; channel++) {
                float value = 0;
                for (int i = 0; i < taps.weights.length; i++) {
                    value += taps.weights[i] * source[3 * (taps.first + i) + channel];
                }
                resized[3 * x + channel] = value;
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

    /**
     * Returns the weights of source pixels per target pixel of a side, over a centred crop of {@code count * scale}
     * pixels.
     */
    private static Taps[] taps(int sourceCount, int count, double scale) {
        double start = (sourceCount - count * scale) / 2;
        Taps[] taps = new Taps[count];
        for (int i = 0; i < count; i++) {
            taps[i] = Taps.around(start + (i + 0.5) * scale, Math.max(1, scale), sourceCount);
        }
        return taps;
    }

    /** The weights of adjacent source pixels, from the pixel {@code first} on; they sum to 1. */
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

        float weight(int pixel) {
            int i = pixel - first;
            return i >= 0 && i < weights.length ? weights[i] : 0;
        }

        /** Returns the Catmull-Rom kernel: 1 at 0, and 0 at every other whole number. */
        private static double cubic(double distance) {
            double d = Math.abs(distance);
            if (d < 1) {
                return (1.5 * d - 2.5) * d * d + 1;
            }
            return d < RADIUS ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
        }
    }
}
