package io.zoetrope.decode;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;

/**
 * Refuses frames with the level 0. The frames of a bundle have the limited range of BT.709-6, item 4.6, from 16 up, in
 * which no level is 0. A NaN inside the decoder becomes 0 where the graph converts its result to 8 bits, and would
 * otherwise show as a black or green picture.
 */
public final class VideoLevels {
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long SIGNS = 0x8080_8080_8080_8080L;

    private VideoLevels() {}

    /**
     * Checks the frames of a batch.
     *
     * @param yuv the frames
     * @param file the decoder's file, for the failure
     * @throws RequestException INFERENCE_FAILED if a level is 0
     */
    public static void require(ByteBuffer yuv, String file) {
        if (hasZero(yuv)) {
            throw new RequestException(
                    FailureCode.INFERENCE_FAILED,
                    "decode",
                    file + ": expected frames with levels from 16 to 240, got " + zeros(yuv) + " of " + yuv.limit()
                            + " that are 0, as a NaN inside the decoder gives; send another prompt or seed, and if"
                            + " others fail too, export the bundle again");
        }
    }

    /** Checks eight bytes at a time without a branch: a borrow reaches the sign of the lowest byte that is 0. */
    static boolean hasZero(ByteBuffer bytes) {
        long borrows = 0;
        int position = 0;
        for (; position + Long.BYTES <= bytes.limit(); position += Long.BYTES) {
            long eight = bytes.getLong(position);
            borrows |= (eight - ONES) & ~eight & SIGNS;
        }
        for (; position < bytes.limit(); position++) {
            borrows |= bytes.get(position) == 0 ? 1 : 0;
        }
        return borrows != 0;
    }

    private static int zeros(ByteBuffer bytes) {
        int count = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            count += bytes.get(i) == 0 ? 1 : 0;
        }
        return count;
    }
}
