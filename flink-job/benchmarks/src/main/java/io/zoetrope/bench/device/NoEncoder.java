package io.zoetrope.bench.device;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import java.nio.ByteBuffer;

/** An encoder that drops the frames, so that only the device works. */
public final class NoEncoder implements VideoEncoder {
    @Override
    public Segment encode(Frames frames, FrameRate rate, SegmentPosition position) {
        return new Segment(
                position,
                "video/mp4; codecs=\"none\"",
                frames.width(),
                frames.height(),
                rate,
                frames.count(),
                ByteBuffer.allocate(2),
                1);
    }
}
