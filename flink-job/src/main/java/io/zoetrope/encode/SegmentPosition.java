package io.zoetrope.encode;

/**
 * Where a segment stands in its video.
 *
 * @param index which segment it is, from 0
 * @param last whether no segment follows
 * @param firstFrameIndex which frame of the video is its first, from 0: its place on the one timeline of all segments
 */
public record SegmentPosition(int index, boolean last, int firstFrameIndex) {
    /** The only segment of a video. */
    public static final SegmentPosition WHOLE = new SegmentPosition(0, true, 0);

    /** Refuses with an {@link IllegalArgumentException} negative numbers. */
    public SegmentPosition {
        if (index < 0 || firstFrameIndex < 0) {
            throw new IllegalArgumentException("segment: expected index and first frame from 0, got index " + index
                    + ", first frame " + firstFrameIndex);
        }
    }
}
