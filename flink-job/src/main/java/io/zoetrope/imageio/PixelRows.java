package io.zoetrope.imageio;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * The rows of a decoded image, red, green and blue from 0 to 1, over black where the image is transparent.
 *
 * <p>The samples do not go through the colour model. It would convert gray from linear light, although the gray of
 * image files is not linear, and convert the colours of a profile one by one, at a microsecond each.
 */
final class PixelRows {
    private final Raster raster;
    private final ColorModel colours;
    private final int colourBands;
    private final boolean alpha;
    private final int[] samples;

    PixelRows(BufferedImage image) {
        raster = image.getRaster();
        colours = image.getColorModel();
        alpha = colours.hasAlpha();
        colourBands = raster.getNumBands() - (alpha && !indexed() ? 1 : 0);
        if (!indexed() && colourBands != 1 && colourBands != 3) {
            throw new IllegalArgumentException("expected gray or RGB, got " + colourBands + " colour channels");
        }
        samples = new int[raster.getWidth() * raster.getNumBands()];
    }

    int width() {
        return raster.getWidth();
    }

    int height() {
        return raster.getHeight();
    }

    private boolean indexed() {
        return colours instanceof IndexColorModel;
    }

    /** Reads row y into an array of shape [width, 3]. */
    void read(int y, float[] rgb) {
        raster.getPixels(raster.getMinX(), raster.getMinY() + y, width(), 1, samples);
        for (int x = 0; x < width(); x++) {
            if (indexed()) {
                putIndexed(rgb, x, colours.getRGB(samples[x]));
            } else {
                put(rgb, x);
            }
        }
    }

    /** Writes pixel x from a palette's colour, which is sRGB in the order alpha, red, green, blue. */
    private static void putIndexed(float[] rgb, int x, int argb) {
        float opacity = (argb >>> 24) / 255f / 255f;
        rgb[3 * x] = (argb >> 16 & 0xff) * opacity;
        rgb[3 * x + 1] = (argb >> 8 & 0xff) * opacity;
        rgb[3 * x + 2] = (argb & 0xff) * opacity;
    }

    private void put(float[] rgb, int x) {
        int bands = raster.getNumBands();
        float opacity = alpha ? sample(x * bands, colourBands) : 1;
        for (int channel = 0; channel < 3; channel++) {
            int band = colourBands == 1 ? 0 : channel;
            rgb[3 * x + channel] = sample(x * bands, band) * opacity;
        }
    }

    private float sample(int pixel, int band) {
        return samples[pixel + band] / (float) ((1 << colours.getComponentSize(band)) - 1);
    }
}
