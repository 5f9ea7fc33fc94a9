package io.zoetrope.imageio;

/**
 * An image file, reduced to what decides its pixels. Metadata does not reach the decoder, and neither do the bytes
 * behind the image, where phones put a short video.
 *
 * @param bytes a file with the same pixels and without metadata
 * @param width the width in pixels, as stored
 * @param height the height in pixels, as stored
 * @param channels the number of colour channels, alpha included; for a palette 1
 * @param scans the number of passes over the pixels
 * @param orientation how a viewer turns the stored pixels
 */
@SuppressWarnings("ArrayRecordComponent") // the decoder reads the array; nothing compares files
record ImageFile(byte[] bytes, int width, int height, int channels, int scans, Orientation orientation) {}
