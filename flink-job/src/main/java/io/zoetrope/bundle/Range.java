package io.zoetrope.bundle;

/**
 * The range of a whole number of the manifest. The limits are far above those of every model that is known, and low
 * enough that products of a few of these numbers do not overflow.
 *
 * @param min the smallest number
 * @param max the largest number
 */
record Range(int min, int max) {
    static final Range FORMAT = new Range(1, 2);
    static final Range BATCH = new Range(1, 4096);
    static final Range TOKENS = new Range(1, 1 << 16);
    static final Range CHANNELS = new Range(1, 1 << 14);
    /** The pixels, or frames, of a latent cell. */
    static final Range COMPRESSION = new Range(1, 256);
    /** The pixels, or latent cells, along a side. */
    static final Range SIDE = new Range(1, 1 << 14);

    static final Range FRAMES = new Range(1, 1 << 16);
    static final Range STEPS = new Range(1, 1000);
    static final Range FRAME_RATE_PART = new Range(1, 1_000_000);
    /** The size of a tensor's axis. */
    static final Range AXIS = new Range(1, 1 << 24);

    static final Range OPSET = new Range(1, 1000);

    boolean contains(long number) {
        return min <= number && number <= max;
    }

    @Override
    public String toString() {
        return "from " + min + " to " + max;
    }
}
