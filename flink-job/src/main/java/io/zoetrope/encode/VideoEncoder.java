package io.zoetrope.encode;

import io.zoetrope.decode.Frames;

/** Turns frames into a playable segment. It is safe for many threads at once; equal input gives equal bytes. */
public interface VideoEncoder {
    /**
     * Encodes one segment. Fails soon if the thread is interrupted.
     *
     * @param frames the frames of the segment; the caller closes them
     * @param rate the frames per second
     * @param position the segment's position in its video
     * @throws io.zoetrope.failure.RequestException ENCODE_FAILED if the codec refuses the frames, or if the thread
     *     is interrupted
     */
    Segment encode(Frames frames, FrameRate rate, SegmentPosition position);
}
