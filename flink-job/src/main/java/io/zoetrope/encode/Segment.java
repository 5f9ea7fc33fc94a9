package io.zoetrope.encode;

import java.nio.ByteBuffer;

/**
 * A stretch of video as a fragmented MP4 (CMAF): saved as a file it plays. Its first {@code initLength} bytes are the
 * init segment, so a live player appends that once, and the rest of every segment after it.
 *
 * @param position where it stands in its video
 * @param contentType {@code video/mp4; codecs="..."} with the exact codecs string (RFC 6381)
 * @param width in pixels
 * @param height in pixels
 * @param frameRate frames a second
 * @param frameCount frames in this segment, at least 1
 * @param payload the bytes
 * @param initLength bytes of the init segment at the payload's start
 */
public record Segment(
        SegmentPosition position,
        String contentType,
        int width,
        int height,
        FrameRate frameRate,
        int frameCount,
        ByteBuffer payload,
        int initLength) {
    /** Refuses with an {@link IllegalArgumentException} an init segment that is empty or leaves no media after it, and a count below 1. */
    public Segment {
        payload = payload.slice().asReadOnlyBuffer();
        if (initLength < 1 || initLength >= payload.capacity()) {
            throw new IllegalArgumentException("segment: expected an init segment of 1 to " + (payload.capacity() - 1)
                    + " bytes, got " + initLength);
        }
        if (frameCount < 1) {
            throw new IllegalArgumentException("segment: expected at least 1 frame, got " + frameCount);
        }
    }

    /** A read-only view with its own position. */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }
}
