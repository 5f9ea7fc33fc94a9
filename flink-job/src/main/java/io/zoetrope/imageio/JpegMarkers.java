package io.zoetrope.imageio;

/**
 * What a JPEG's markers tell that its decoder does not.
 *
 * @param scans how often the file goes over its pixels. A progressive one does so again and again, and a few bytes are
 *     enough for a scan: a small file could keep a decoder busy for minutes
 * @param ends whether the end marker stands behind the last scan. A file that ends too soon would be filled up with gray
 */
record JpegMarkers(int scans, boolean ends) {
    /** Encoders make about ten. */
    static final int MOST_SCANS = 100;

    private static final byte MARKER = (byte) 0xff;
    private static final byte START_OF_SCAN = (byte) 0xda;
    private static final byte END_OF_IMAGE = (byte) 0xd9;

    /** Looks at bytes alone: among pixels a marker cannot stand by chance, and in metadata one or two do no harm. */
    static JpegMarkers of(byte[] jpeg) {
        int scans = 0;
        boolean ends = false;
        for (int i = 1; i < jpeg.length; i++) {
            if (jpeg[i - 1] == MARKER && jpeg[i] == START_OF_SCAN) {
                scans++;
                ends = false;
            } else if (jpeg[i - 1] == MARKER && jpeg[i] == END_OF_IMAGE) {
                ends = true;
            }
        }
        return new JpegMarkers(scans, ends);
    }
}
