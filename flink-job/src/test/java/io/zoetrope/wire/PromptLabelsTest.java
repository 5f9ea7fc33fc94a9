package io.zoetrope.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the limits on the labels of an event. */
class PromptLabelsTest {
    @Test
    void labelsAreReadUpToTheirNumberAndBytes() {
        // The length of each key and each value is a byte in front of it.
        byte[] three = labelled("a", "1", "b", "22", "c", "");

        assertThat(PromptCodec.decode(three, new MapLimits(3, 12)).labels()).hasSize(3);
        assertLabelsRefused(three, new MapLimits(2, 12), "labels: expected at most 2 entries, got more than 2");
        assertLabelsRefused(three, new MapLimits(3, 11), "labels: expected at most 11 bytes, got more than 11");
        assertLabelsRefused(three, new MapLimits(3, 4), "labels: expected at most 4 bytes in all, got 5");
    }

    @Test
    void aLabelThatIsRepeatedCountsOnce() {
        byte[] repeated = labelled("a", "1", "a", "22", "a", "3");

        assertThat(PromptCodec.decode(repeated, new MapLimits(1, 5)).labels()).isEqualTo(Map.of("a", "3"));
    }

    @Test
    void labelsThatShareOneHashCodeAreRefusedAtOnce() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 17; bit++) {
                key.append(((i >> bit) & 1) == 0 ? "Aa" : "BB");
            }
            labels.add(key.toString());
            labels.add("");
        }
        byte[] event = labelled(labels.toArray(String[]::new));

        long before = EventBytes.allocated();
        assertLabelsRefused(event, new MapLimits(256, 64 << 10), "labels: expected at most 256 entries");
        assertThat(EventBytes.allocated() - before).isLessThan(1 << 20);
        assertThat(PromptCodec.requestId(event)).isEqualTo("a");
    }

    private static void assertLabelsRefused(byte[] event, MapLimits limits, String message) {
        RequestException invalid =
                catchThrowableOfType(RequestException.class, () -> PromptCodec.decode(event, limits));
        assertThat(invalid.code()).isEqualTo(FailureCode.INVALID_EVENT);
        assertThat(invalid).hasMessageStartingWith(message).hasMessageEndingWith("send fewer or shorter ones");
    }

    /** Returns an event with labels, given as keys and values in turn. */
    private static byte[] labelled(String... texts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(HexFormat.of().parseHex("0261" + "0262" + "00" + "00" + "02" + "0000000000"));
        writeLong(body, texts.length / 2);
        for (String text : texts) {
            writeLong(body, text.length());
            body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(new byte[] {0, 0});
        return EventBytes.record(HexFormat.of().formatHex(body.toByteArray()));
    }

    private static void writeLong(ByteArrayOutputStream out, long positive) {
        long rest = positive << 1;
        for (; rest > 0x7F; rest >>>= 7) {
            out.write((int) ((rest & 0x7F) | 0x80));
        }
        out.write((int) rest);
    }
}
