package io.zoetrope.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.EarlierSchemas;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.PromptEvent;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the ten bytes in front of every record: which mean a schema, and what an error says about others. */
class RecordHeaderTest {
    private static final List<Schema> SCHEMAS =
            List.of(PromptEvent.getClassSchema(), VideoSegment.getClassSchema(), FailedPrompt.getClassSchema());
    private static final int HEADER = 10;

    private final byte[] good = PromptCodec.encode(new RequestBuilder("request-1", "a red circle").build());

    @ParameterizedTest
    @ValueSource(strings = {"good.bin", "goavro-2.10.1.bin", "avro-python-1.11.1.bin"})
    void recordsOfOtherLibrariesAreRead(String file) throws IOException {
        assertThat(PromptCodec.decode(corpus(file)).text()).startsWith("a red circle");
        assertThat(PromptCodec.requestId(corpus(file))).isNotEmpty();
    }

    @Test
    void theFirstFormIsTheSpecificationsAndEachOtherOneHasItsFingerprint() {
        for (Schema schema : SCHEMAS) {
            List<String> forms = CanonicalForms.of(schema);

            assertThat(forms.get(0)).isEqualTo(SchemaNormalization.toParsingForm(schema));
            assertThat(forms).doesNotHaveDuplicates();
            assertThat(CanonicalForms.fingerprints(schema)).doesNotHaveDuplicates();
        }
    }

    @Test
    void everyCombinationOfTheFormsOfALogicalTypeIsKnown() {
        // deadline and created_at have a logical type, and each of them has three forms.
        assertThat(CanonicalForms.fingerprints(PromptEvent.getClassSchema())).hasSize(9);
        for (long fingerprint : CanonicalForms.fingerprints(PromptEvent.getClassSchema())) {
            assertThat(PromptCodec.requestId(withFingerprint(fingerprint))).isEqualTo("request-1");
        }
    }

    /** The expected headers stand in docs/clients.md. */
    @ParameterizedTest
    @CsvSource({"PromptEvent", "VideoSegment", "FailedPrompt"})
    void theDocumentationHasTheHeaderOfEachSchema(String name) throws IOException {
        Schema schema = SCHEMAS.stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
        String docs = Files.readString(Path.of("../docs/clients.md"));
        // The forms count upwards with one digit for each logical type, so these three write all of them alike.
        List<Long> all = CanonicalForms.fingerprints(schema);
        for (int uniform : new int[] {0, all.size() / 2, all.size() - 1}) {
            assertThat(docs)
                    .as("%s, form %s", name, CanonicalForms.of(schema).get(uniform))
                    .contains("`c301" + hex(all.get(uniform)) + "`");
        }
    }

    /** goavro computes other fingerprints, so the client in Go has the headers as they are. */
    @Test
    void theClientInGoHasTheHeaderOfEachSchemaAndOfEachEarlierOne() throws IOException {
        String client = Files.readString(Path.of("../docs/clients/go/main.go"));
        for (Schema schema : SCHEMAS) {
            for (Schema version : Stream.concat(Stream.of(schema), EarlierSchemas.of(schema).stream())
                    .toList()) {
                assertThat(client)
                        .as(version.toString())
                        .contains("\"c301" + hex(SchemaNormalization.parsingFingerprint64(version)) + "\"");
            }
        }
    }

    @Test
    void aFingerprintInBigEndianIsNamed() throws IOException {
        assertInvalid(corpus("big-endian.bin"), "it is in big-endian byte order");
        for (long fingerprint : CanonicalForms.fingerprints(PromptEvent.getClassSchema())) {
            assertInvalid(withFingerprint(Long.reverseBytes(fingerprint)), "it is in big-endian byte order");
        }
    }

    @Test
    void framingsOfOthersAreNamed() throws IOException {
        byte[] body = Arrays.copyOfRange(good, HEADER, good.length);

        assertInvalid(framed("00" + "0000002a", body), "this is registry framing, with the schema id 42;");
        assertInvalid(framed("00" + "0000002a", good), "this is registry framing, with the schema id 42;");
        assertInvalid(framed("00" + "0000002a", new byte[0]), "this is registry framing, with the schema id 42;");
        assertInvalid(framed("0300" + "00".repeat(16), body), "this is registry framing of AWS Glue;");
        assertInvalid(framed("0305" + "00".repeat(16), body), "this is registry framing of AWS Glue;");
        assertInvalid(framed("4f626a01", body), "this is an Avro container file;");
        assertInvalid(framed("01c3", Arrays.copyOfRange(good, 2, good.length)), "the marker has the wrong byte order");
        assertInvalid(body, "this is the record without the header of 10 bytes;");
        assertInvalid("{\"prompt\": \"a\"}".getBytes(StandardCharsets.UTF_8), "this is JSON");
    }

    @Test
    void anotherRecordOfThisProjectIsNamed() {
        assertInvalid(
                withFingerprint(SchemaNormalization.parsingFingerprint64(FailedPrompt.getClassSchema())),
                "this is a FailedPrompt");
    }

    private static void assertInvalid(byte[] value, String hint) {
        assertThatThrownBy(() -> PromptCodec.requestId(value)).hasMessageContaining(hint);
        assertThatThrownBy(() -> PromptCodec.decode(value)).hasMessageContaining(hint);
    }

    private static byte[] framed(String hexStart, byte[] rest) {
        byte[] start = HexFormat.of().parseHex(hexStart);
        return ByteBuffer.allocate(start.length + rest.length)
                .put(start)
                .put(rest)
                .array();
    }

    private byte[] withFingerprint(long fingerprint) {
        byte[] value = good.clone();
        ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(2, fingerprint);
        return value;
    }

    private static String hex(long fingerprint) {
        return HexFormat.of()
                .formatHex(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(fingerprint)
                        .array());
    }

    private static byte[] corpus(String file) throws IOException {
        return Objects.requireNonNull(RecordHeaderTest.class.getResourceAsStream("corpus/" + file))
                .readAllBytes();
    }
}
