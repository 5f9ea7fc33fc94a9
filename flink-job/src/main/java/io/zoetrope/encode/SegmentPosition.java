package io.zoetrope.encode;

/**
 * The position of a segment in its video.
 *
 * @param index the segment's index, from 0
 * @param last whether this is the last segment
 * @param firstFrameIndex the index in the video of the segment's first frame, from 0; it places the segment on the
 *     timeline that all segments share
 */
public record SegmentPosition(int index, boolean last, int firstFrameIndex) {
    /** The position of a video's only segment. */
    public static final SegmentPosition WHOLE = new SegmentPosition(0, true, 0);

    /** Throws an {@link IllegalArgumentException} if a number is negative. */
    public SegmentPosition {
        if (index < 0 || firstFrameIndex < 0) {
            throw new IllegalArgumentException("segment: expected index and first frame from 0, got index " + index
                    + ", first frame " + firstFrameIndex);
        }
    }
}
