package io.zoetrope.ffmpeg;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The codecs parameter of a content type (RFC 6381). A player decides by it whether it can play a stream, before it
 * downloads anything. It is read from the init segment, so that it states the encoder's output, not the requested
 * settings.
 */
final class CodecsParameter {
    private static final List<String> PATH = List.of("moov", "trak", "mdia", "minf", "stbl", "stsd");
    /**
     * The bytes between the header of this box and its children: ISO/IEC 14496-12, 8.5.2.2; 12.1.3.2 for the one below.
     */
    private static final int STSD_FIELDS = 8;

    private static final int VISUAL_SAMPLE_ENTRY_FIELDS = 78;

    private CodecsParameter() {}

    /**
     * Returns the codecs parameter of a stream.
     *
     * @throws RequestException ENCODE_FAILED if the init segment does not have an AV1, VP9 or H.264 stream
     */
    static String of(ByteBuffer initSegment) {
        ByteBuffer box = initSegment;
        for (String name : PATH) {
            box = child(box, name).orElseThrow(() -> unsupported("no " + name + " box"));
        }
        ByteBuffer entries = box.slice(STSD_FIELDS, box.capacity() - STSD_FIELDS);
        for (String entry : List.of("av01", "vp09", "avc1")) {
            Optional<ByteBuffer> found = child(entries, entry)
                    .map(fields ->
                            fields.slice(VISUAL_SAMPLE_ENTRY_FIELDS, fields.capacity() - VISUAL_SAMPLE_ENTRY_FIELDS));
            if (found.isPresent()) {
                return switch (entry) {
                    case "av01" -> av1(configuration(found.get(), "av1C"));
                    case "vp09" -> vp9(configuration(found.get(), "vpcC"));
                    default -> h264(configuration(found.get(), "avcC"));
                };
            }
        }
        throw unsupported("no av01, vp09 or avc1 entry");
    }

    /**
     * Returns av01.profile.level and tier.bit depth: "Codecs Parameter String" of the AV1 ISOBMFF binding, section 5.
     */
    private static String av1(ByteBuffer av1c) {
        int profileAndLevel = av1c.get(1) & 0xFF;
        int flags = av1c.get(2) & 0xFF;
        boolean highTier = (flags & 0x80) != 0;
        boolean highBitDepth = (flags & 0x40) != 0;
        boolean twelveBit = (flags & 0x20) != 0;
        return String.format(
                "av01.%d.%02d%s.%02d",
                profileAndLevel >> 5,
                profileAndLevel & 0x1F,
                highTier ? "H" : "M",
                highBitDepth ? (twelveBit ? 12 : 10) : 8);
    }

    /** Returns vp09.profile.level.bit depth.chroma.primaries.transfer.matrix.range: the VP codec ISOBMFF binding. */
    private static String vp9(ByteBuffer vpcc) {
        int depthChromaRange = vpcc.get(6) & 0xFF;
        return String.format(
                "vp09.%02d.%02d.%02d.%02d.%02d.%02d.%02d.%02d",
                vpcc.get(4) & 0xFF,
                vpcc.get(5) & 0xFF,
                depthChromaRange >> 4,
                (depthChromaRange >> 1) & 0x7,
                vpcc.get(7) & 0xFF,
                vpcc.get(8) & 0xFF,
                vpcc.get(9) & 0xFF,
                depthChromaRange & 1);
    }

    /** Returns avc1.profile, constraints and level in hex: RFC 6381, section 3.3. */
    private static String h264(ByteBuffer avcc) {
        return String.format("avc1.%02X%02X%02X", avcc.get(1), avcc.get(2), avcc.get(3));
    }

    private static ByteBuffer configuration(ByteBuffer entry, String name) {
        return child(entry, name).orElseThrow(() -> unsupported("no " + name + " box"));
    }

    /** Returns the content of the first box of that name; empty if there is none (ISO/IEC 14496-12, section 4.2). */
    private static Optional<ByteBuffer> child(ByteBuffer boxes, String name) {
        for (int start = 0; start + 8 <= boxes.capacity(); ) {
            int size = boxes.getInt(start);
            if (size < 8 || size > boxes.capacity() - start) {
                throw unsupported("a box of " + size + " bytes where " + (boxes.capacity() - start) + " are left");
            }
            byte[] type = new byte[4];
            boxes.get(start + 4, type);
            if (name.equals(new String(type, StandardCharsets.ISO_8859_1))) {
                return Optional.of(boxes.slice(start + 8, size - 8));
            }
            start += size;
        }
        return Optional.empty();
    }

    private static RequestException unsupported(String found) {
        return new RequestException(
                FailureCode.ENCODE_FAILED,
                "encode",
                "init segment: expected an AV1, VP9 or H.264 stream, got " + found + "; send the prompt again");
    }
}
