package io.zoetrope.ffmpeg;

import static io.zoetrope.ffmpeg.Ffmpeg.check;
import static io.zoetrope.ffmpeg.Ffmpeg.checkPresent;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * A writer of a fragmented MP4 (CMAF) in memory: the init segment, then fragments that begin with a key frame. It owns
 * FFmpeg's format context and its buffer.
 */
final class Mp4Writer implements AutoCloseable {
    /**
     * The flags of FFmpeg's muxer. The writer decides where fragments begin (frag_custom). It writes times unchanged
     * (frag_discont), so that a segment continues where the previous one ended. It omits the trailer (skip_trailer), an
     * index of the file's fragments that does not belong in a stream.
     */
    private static final String MOVFLAGS =
            "frag_custom+empty_moov+default_base_moof+cmaf+negative_cts_offsets+frag_discont+skip_trailer";

    private final AVFormatContext context;
    private final CodecContext codec;
    private final int minFragment;
    /** The time base of the packets. It is read once, because each read allocates an object of JavaCPP. */
    private final AVRational frameTime;

    private @Nullable AVRational streamTime;
    private int initLength;
    private int fragmentFrames;

    private Mp4Writer(AVFormatContext context, CodecContext codec, int minFragment) {
        this.context = context;
        this.codec = codec;
        this.minFragment = minFragment;
        frameTime = codec.timeBase();
    }

    /**
     * Opens a file and writes its init segment.
     *
     * @param minFragment the minimum number of frames in a fragment other than the last
     * @param sequenceNumber the number of the first fragment, from 1; the numbers must increase along a video
     */
    static Mp4Writer open(CodecContext codec, int minFragment, int sequenceNumber) {
        AVFormatContext context = new AVFormatContext(null);
        check(avformat.avformat_alloc_output_context2(context, null, "mp4", null), "avformat_alloc_output_context2");
        Mp4Writer writer = new Mp4Writer(context, codec, minFragment);
        try {
            writer.begin(sequenceNumber);
            return writer;
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private void begin(int sequenceNumber) {
        option("movflags", MOVFLAGS);
        option("fragment_index", String.valueOf(sequenceNumber));
        context.flags(context.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
        context.avoid_negative_ts(AVFormatContext.AVFMT_AVOID_NEG_TS_DISABLED);
        AVIOContext buffer = new AVIOContext(null);
        check(avformat.avio_open_dyn_buf(buffer), "avio_open_dyn_buf");
        context.pb(buffer);
        AVStream stream = checkPresent(avformat.avformat_new_stream(context, null), "avformat_new_stream");
        codec.describe(stream);
        check(avformat.avformat_write_header(context, (PointerPointer<?>) null), "avformat_write_header");
        streamTime = stream.time_base();
        initLength = Math.toIntExact(avformat.avio_tell(buffer));
    }

    private void option(String name, String value) {
        check(
                avutil.av_opt_set(context, name, value, avutil.AV_OPT_SEARCH_CHILDREN),
                "mp4 option " + name + "=" + value);
    }

    /** Adds a frame's packet. */
    void write(AVPacket packet) {
        boolean keyFrame = (packet.flags() & avcodec.AV_PKT_FLAG_KEY) != 0;
        if (keyFrame && fragmentFrames >= minFragment) {
            endFragment();
        }
        packet.stream_index(0);
        packet.duration(1);
        avcodec.av_packet_rescale_ts(packet, frameTime, streamTime);
        check(avformat.av_write_frame(context, packet), "av_write_frame");
        fragmentFrames++;
    }

    private void endFragment() {
        check(avformat.av_write_frame(context, null), "end of fragment");
        fragmentFrames = 0;
    }

    /** Ends the file and returns its bytes. */
    byte[] finish() {
        endFragment();
        check(avformat.av_write_trailer(context), "av_write_trailer");
        try (BytePointer bytes = new BytePointer()) {
            byte[] file = new byte[check(avformat.avio_get_dyn_buf(context.pb(), bytes), "avio_get_dyn_buf")];
            bytes.get(file);
            return file;
        }
    }

    /** Returns the size in bytes of the init segment, at the start of the file. */
    int initLength() {
        return initLength;
    }

    @Override
    public void close() {
        AVIOContext buffer = context.pb();
        if (buffer != null) {
            try (BytePointer bytes = new BytePointer()) {
                avformat.avio_close_dyn_buf(buffer, bytes);
                avutil.av_free(bytes);
            }
        }
        avformat.avformat_free_context(context);
    }
}
