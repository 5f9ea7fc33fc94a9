package io.zoetrope.imageio;

/**
 * Facts from a JPEG's markers that the decoder does not report.
 *
 * @param scans the number of passes over the pixels. A progressive file has many, and a scan takes only a few bytes, so
 *     a small file could keep a decoder busy for minutes
 * @param hasEnd whether the end marker follows the last scan. The decoder would fill the rest of a truncated file with
 *     gray
 */
record JpegMarkers(int scans, boolean hasEnd) {
    /** The maximum number of scans of a file. Encoders write about ten. */
    static final int MAX_SCANS = 100;

    private static final byte MARKER = (byte) 0xff;
    private static final byte START_OF_SCAN = (byte) 0xda;
    private static final byte END_OF_IMAGE = (byte) 0xd9;

    /**
     * Reads the markers without parsing the file: pixel data cannot contain a marker by chance, and one or two in
     * metadata do no harm.
     */
    static JpegMarkers of(byte[] jpeg) {
        int scans = 0;
        boolean hasEnd = false;
        for (int i = 1; i < jpeg.length; i++) {
            if (jpeg[i - 1] == MARKER && jpeg[i] == START_OF_SCAN) {
                scans++;
                hasEnd = false;
            } else if (jpeg[i - 1] == MARKER && jpeg[i] == END_OF_IMAGE) {
                hasEnd = true;
            }
        }
        return new JpegMarkers(scans, hasEnd);
    }
}
