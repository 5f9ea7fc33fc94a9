package io.zoetrope.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.failure.RequestException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Tests with hand-made init segments. {@link FfmpegVideoEncoderTest} has those that FFmpeg writes. */
class CodecsParameterTest {
    @Test
    void profileLevelTierAndDepthOfAv1AreRead() {
        assertThat(CodecsParameter.of(init("av01", "av1C", "81000c00"))).isEqualTo("av01.0.00M.08");
        // seq_profile 2, seq_level_idx 19; tier 1, high bit depth, twelve bit
        assertThat(CodecsParameter.of(init("av01", "av1C", "8153e000"))).isEqualTo("av01.2.19H.12");
        assertThat(CodecsParameter.of(init("av01", "av1C", "81094000"))).isEqualTo("av01.0.09M.10");
    }

    @Test
    void allPartsOfVp9AreRead() {
        // version and flags; profile 2, level 5.1, 10 bits, 4:2:2, full range; BT.2020, PQ
        assertThat(CodecsParameter.of(init("vp09", "vpcC", "0100000002 33 a5 09 10 09 0000")))
                .isEqualTo("vp09.02.51.10.02.09.16.09.01");
    }

    @Test
    void profileConstraintsAndLevelOfH264AreRead() {
        assertThat(CodecsParameter.of(init("avc1", "avcC", "0142c01effe1"))).isEqualTo("avc1.42C01E");
    }

    @Test
    void invalidInitSegmentIsRefused() {
        assertRefused(ByteBuffer.allocate(0), "no moov box");
        assertRefused(ByteBuffer.wrap(box("moov", box("free"))), "no trak box");
        assertRefused(ByteBuffer.wrap(HexFormat.of().parseHex("7fffffff6d6f6f76")), "a box of 2147483647 bytes");
        assertRefused(ByteBuffer.wrap(HexFormat.of().parseHex("000000006d6f6f76")), "a box of 0 bytes");
        assertRefused(init("hev1", "hvcC", "00"), "no av01, vp09 or avc1 entry");
        assertRefused(init("av01", "hvcC", "00"), "no av1C box");
    }

    private static void assertRefused(ByteBuffer init, String found) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> CodecsParameter.of(init))
                .withMessageContaining("expected an AV1, VP9 or H.264 stream, got " + found);
    }

    private static ByteBuffer init(String entry, String configuration, String hex) {
        byte[] content = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] visual = box(entry, new byte[78], box(configuration, content));
        byte[] track = box("trak", box("mdia", box("minf", box("stbl", box("stsd", new byte[8], visual)))));
        return ByteBuffer.wrap(concat(box("ftyp", new byte[8]), box("moov", track)));
    }

    private static byte[] box(String type, byte[]... contents) {
        byte[] content = concat(contents);
        byte[] size = ByteBuffer.wrap(new byte[4]).putInt(8 + content.length).array();
        return concat(size, type.getBytes(StandardCharsets.ISO_8859_1), content);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
