package io.zoetrope.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.PromptEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptCodecTest {
    private static final int MUTATIONS = 10_000;
    private static final Instant CREATED = Instant.ofEpochMilli(1_750_000_000_123L);
    private static final PromptRequest FULL = new PromptRequest(
            "request-1",
            "a red circle moving right, größer ★",
            Optional.of(-7L),
            Optional.of("toybox-64"),
            2,
            Optional.of(64),
            Optional.of(64),
            Optional.of(17),
            Optional.of(ByteBuffer.wrap(new byte[] {1, 2, 3})),
            Optional.of(CREATED.plusSeconds(60)),
            Map.of("tenant", "a", "trace", "4bf92f35"),
            CREATED);
    private static final PromptRequest SPARSE =
            new RequestBuilder("request-2", "a ring").createdAt(CREATED).build();

    @Test
    void decodingReversesEncodingWithAllAndWithNoOptionalFields() {
        assertThat(PromptCodec.decode(PromptCodec.encode(FULL))).isEqualTo(FULL);
        assertThat(PromptCodec.decode(PromptCodec.encode(SPARSE))).isEqualTo(SPARSE);
    }

    @Test
    void theRequestIdIsReadWithoutACopyOfTheFirstFrame() {
        byte[] bytes = PromptCodec.encode(new RequestBuilder("request-1", "a red circle")
                .firstFrame(ByteBuffer.allocate(4 << 20))
                .build());
        PromptCodec.requestId(bytes);

        long before = EventBytes.allocated();
        String requestId = PromptCodec.requestId(bytes);

        assertThat(EventBytes.allocated() - before).isLessThan(16 << 10);
        assertThat(requestId).isEqualTo("request-1");
    }

    @Test
    void aRequestIdIsReadOnlyFromAnEventThatDecodes() {
        // Avro decodes a union's branch and an int from at most 5 bytes; these have 6.
        byte[] longBranch = EventBytes.record("0261" + "0262" + "808080808000");
        byte[] longInt = EventBytes.record("0261" + "0262" + "00" + "00" + "828080808000" + "0000000000" + "00" + "00");

        for (byte[] bytes : List.of(longBranch, longInt)) {
            assertThat(assertInvalid(bytes)).hasMessageContaining("an integer has more than 5 bytes");
            assertThatThrownBy(() -> PromptCodec.requestId(bytes)).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void everyTruncationIsAnInvalidEvent() {
        byte[] good = PromptCodec.encode(FULL);

        for (int length = 0; length < good.length; length++) {
            assertInvalid(Arrays.copyOf(good, length));
        }
    }

    @Test
    void bytesAfterTheRecordAreReported() {
        byte[] good = PromptCodec.encode(FULL);

        RequestException invalid = assertInvalid(Arrays.copyOf(good, good.length + 3));

        assertThat(invalid)
                .hasMessage("PromptEvent of " + (good.length + 3) + " bytes: 3 bytes follow the record; write it with"
                        + " Avro's single-object encoding of schemas/prompt_event.avsc");
    }

    @Test
    void aForeignFormatIsReportedWithItsFirstBytes() {
        assertThat(assertInvalid("{\"prompt\": \"a red circle\"}".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("expected the marker c301 at the start, got 7b2270726f6d7074223a");
        assertThat(assertInvalid(new byte[] {0, 0, 0, 0, 1, 12}))
                .hasMessageContaining("expected a header of 10 bytes, got 00000000010c");
    }

    @Test
    void aForeignSchemaIsReportedWithItsFingerprint() {
        byte[] bytes = PromptCodec.encode(FULL);
        bytes[2] ^= 1;

        assertThat(assertInvalid(bytes))
                .hasMessageContaining("expected the schema fingerprint ")
                .hasMessageContaining(", got ");
    }

    @Test
    void aHugeDeclaredLengthIsRefusedBeforeMemoryIsAllocated() {
        // The first field is a string. Its declared length is 2^31 - 9 bytes, which still fits into an array.
        byte[] bytes = EventBytes.record("eeffffff0f");

        long before = EventBytes.allocated();
        RequestException invalid = assertInvalid(bytes);

        assertThat(EventBytes.allocated() - before).isLessThan(1 << 20);
        assertThat(invalid)
                .hasMessageContaining("field request_id: declares 2147483639 bytes of text, 0 bytes are left");
    }

    @Test
    void aHugeMapIsRefusedBeforeMemoryIsAllocated() {
        // request_id "a", prompt "b", seed, model null, steps 1, five more nulls, then 2^30 entries.
        byte[] bytes = EventBytes.record("0261" + "0262" + "00" + "00" + "02" + "0000000000" + "8080808008");

        long before = EventBytes.allocated();
        RequestException invalid = assertInvalid(bytes);

        assertThat(EventBytes.allocated() - before).isLessThan(1 << 20);
        assertThat(invalid).hasMessageContaining("field labels: declares 1073741824 entries, 0 bytes are left");
    }

    @Test
    void aMapCountThatCannotBeNegatedIsRefused() {
        byte[] bytes =
                EventBytes.record("0261" + "0262" + "00" + "00" + "02" + "0000000000" + "ffffffffffffffffff01" + "00");

        assertThat(assertInvalid(bytes)).hasMessageContaining("field labels: declares -9223372036854775808 entries");
    }

    @Test
    void aMapBlockOfANegativeSizeIsRefused() {
        // A count of -1, then the size of the block.
        byte[] bytes = EventBytes.record(
                "0261" + "0262" + "00" + "00" + "02" + "0000000000" + "01" + "09" + "02610262" + "00");

        assertThat(assertInvalid(bytes)).hasMessageContaining("field labels: declares a block of -5 bytes");
        assertThatThrownBy(() -> PromptCodec.requestId(bytes)).isInstanceOf(RequestException.class);
    }

    @Test
    void textThatIsNotUtf8IsRefusedBecauseDecodingWouldChangeIt() {
        assertThat(assertInvalid(EventBytes.record("02ff")))
                .hasMessageContaining("field request_id: expected text in UTF-8");
    }

    @Test
    void anIntegerOfTooManyBytesIsRefused() {
        assertThat(assertInvalid(EventBytes.record("ffffffffffffffffffff01")))
                .hasMessageContaining("has more than 10 bytes");
    }

    @Test
    void aUnionBranchThatDoesNotExistIsRefused() {
        assertThat(assertInvalid(EventBytes.record("0261" + "0262" + "04")))
                .hasMessageContaining("field seed: expected branch 0 to 1 of a union, got 2");
    }

    @Test
    void mutatedRecordsDecodeOrAreInvalidAndNeverAffectTheNext() {
        byte[] good = PromptCodec.encode(FULL);
        Random random = new Random(20_250_615);
        int decoded = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = mutate(good, random);
            long before = EventBytes.allocated();
            if (decodes(mutated)) {
                decoded++;
                assertThat(PromptCodec.requestId(mutated))
                        .as("id of mutation %d", i)
                        .isEqualTo(PromptCodec.decode(mutated).requestId());
            } else {
                assertThatThrownBy(() -> PromptCodec.requestId(mutated)).isInstanceOf(RequestException.class);
            }
            assertThat(EventBytes.allocated() - before)
                    .as("bytes allocated for mutation %d", i)
                    .isLessThan(1 << 20);
            assertThat(PromptCodec.decode(good)).isEqualTo(FULL);
        }
        assertThat(decoded)
                .as("decoded mutations: mutated text decodes, mutated structure does not")
                .isBetween(1, MUTATIONS - 1);
    }

    /** Returns true if the bytes decode, false if they are an INVALID_EVENT; fails the test on any other result. */
    private static boolean decodes(byte[] bytes) {
        try {
            var unused = PromptCodec.decode(bytes);
            return true;
        } catch (RequestException e) {
            assertThat(e.code()).isEqualTo(FailureCode.INVALID_EVENT);
            return false;
        }
    }

    private static RequestException assertInvalid(byte[] bytes) {
        RequestException invalid = catchThrowableOfType(RequestException.class, () -> PromptCodec.decode(bytes));
        assertThat(invalid.code()).isEqualTo(FailureCode.INVALID_EVENT);
        assertThat(invalid.stage()).isEqualTo("admit");
        assertThat(invalid)
                .hasMessageEndingWith("write it with Avro's single-object encoding of schemas/prompt_event.avsc");
        return invalid;
    }

    private static byte[] mutate(byte[] good, Random random) {
        byte[] bytes = good.clone();
        for (int edit = random.nextInt(3); edit >= 0; edit--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 3 -> bytes = spliced(bytes, at, random);
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 5), (byte) 0xFF);
            }
        }
        return bytes;
    }

    /** Inserts a few bytes at a position: random bytes, or a copy of bytes from another position. */
    private static byte[] spliced(byte[] bytes, int at, Random random) {
        byte[] piece = new byte[1 + random.nextInt(12)];
        random.nextBytes(piece);
        if (random.nextBoolean()) {
            int from = random.nextInt(bytes.length);
            piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece.length));
        }
        return ByteBuffer.allocate(bytes.length + piece.length)
                .put(bytes, 0, at)
                .put(piece)
                .put(bytes, at, bytes.length - at)
                .array();
    }

    @Test
    void theScanSupportsEveryTypeThatTheSchemasUse() throws MalformedRecordException {
        byte[] bytes = PromptCodec.encode(FULL);

        String first = RecordScan.scan(
                PromptEvent.getClassSchema(),
                ByteBuffer.wrap(bytes, EventBytes.HEADER, bytes.length - EventBytes.HEADER));

        assertThat(first).isEqualTo(FULL.requestId());
    }
}
