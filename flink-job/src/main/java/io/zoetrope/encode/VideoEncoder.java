package io.zoetrope.encode;

import io.zoetrope.decode.Frames;

/** Turns frames into bytes that play. Safe for many threads at once; equal input gives equal bytes. */
public interface VideoEncoder {
    /**
     * Encodes one segment.
     *
     * @param frames the pictures of the segment, which stay the caller's
     * @param rate at which they are shown
     * @param position where the segment stands in its video
     * @throws io.zoetrope.failure.RequestException ENCODE_FAILED if the codec refuses the frames
     */
    Segment encode(Frames frames, FrameRate rate, SegmentPosition position);
}
