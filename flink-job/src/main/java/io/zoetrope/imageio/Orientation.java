package io.zoetrope.imageio;

/** How the stored rows and columns of an image are shown: the values 1 to 8 of Exif's tag of this name, in order. */
enum Orientation {
    UPRIGHT(false, false, false),
    MIRRORED(false, true, false),
    HALF_TURN(false, true, true),
    FLIPPED(false, false, true),
    TRANSPOSED(true, false, false),
    QUARTER_TURN(true, false, true),
    TRANSVERSED(true, true, true),
    THREE_QUARTER_TURN(true, true, false);

    private static final int CHANNELS = 3;

    private final boolean swapsSides;
    /** Whether the stored columns are read from the last one. */
    private final boolean columnsBackwards;
    /** Whether the stored rows are read from the last one. */
    private final boolean rowsBackwards;

    Orientation(boolean swapsSides, boolean columnsBackwards, boolean rowsBackwards) {
        this.swapsSides = swapsSides;
        this.columnsBackwards = columnsBackwards;
        this.rowsBackwards = rowsBackwards;
    }

    /** Returns the orientation of a tag's value; upright for a value that the standard does not define. */
    static Orientation of(int value) {
        return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
    }

    /** Returns whether the stored width is the shown height. */
    boolean swapsSides() {
        return swapsSides;
    }

    /**
     * Turns stored pixels into shown ones.
     *
     * @param stored red, green and blue of each pixel, row-major
     * @param width the width as shown
     * @param height the height as shown
     */
    byte[] shown(byte[] stored, int width, int height) {
        int storedWidth = swapsSides ? height : width;
        int storedHeight = swapsSides ? width : height;
        byte[] shown = new byte[stored.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = swapsSides ? y : x;
                int row = swapsSides ? x : y;
                int fromColumn = columnsBackwards ? storedWidth - 1 - column : column;
                int fromRow = rowsBackwards ? storedHeight - 1 - row : row;
                int from = CHANNELS * (fromRow * storedWidth + fromColumn);
                int to = CHANNELS * (y * width + x);
                for (int channel = 0; channel < CHANNELS; channel++) {
                    shown[to + channel] = stored[from + channel];
                }
            }
        }
        return shown;
    }
}
