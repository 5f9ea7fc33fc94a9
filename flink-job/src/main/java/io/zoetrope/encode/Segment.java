package io.zoetrope.encode;

import java.nio.ByteBuffer;

/**
 * A stretch of video as a fragmented MP4 (CMAF), which plays if it is saved as a file. Its first {@code initLength}
 * bytes are the init segment. A live player appends the init segment once, and then the rest of each segment.
 *
 * @param position the segment's position in its video
 * @param contentType the MIME type, {@code video/mp4; codecs="..."}, with the exact codecs string (RFC 6381)
 * @param width the width in pixels
 * @param height the height in pixels
 * @param frameRate the frames per second
 * @param frameCount the number of frames in this segment, at least 1
 * @param payload the bytes of the file
 * @param initLength the size in bytes of the init segment, at the payload's start
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
    /**
     * Throws an {@link IllegalArgumentException} if the init segment or the media after it is empty, or there are no
     * frames.
     */
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

    /** Returns a read-only view with an independent position. */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }
}
