package io.zoetrope.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that a damaged manifest is refused with one fault that names the field, the expected and the actual value. The
 * changes of single fields are in {@code damaged-manifests.json}, with which the tests of the exporter run too.
 */
@Timeout(20)
class DamagedManifestsTest {
    @TempDir
    Path temp;

    private BundleFolder folder;
    private byte[] sound = new byte[0];

    @BeforeEach
    void copyTheBundle() throws IOException {
        folder = BundleFolder.copy(temp);
        sound = Files.readAllBytes(folder.path().resolve("manifest.json"));
    }

    @Test
    void everyValueOutsideItsRangeIsNamed() throws IOException {
        List<String> missed = new ArrayList<>();
        List<DamagedManifests.Damaged> damaged = DamagedManifests.all();
        for (DamagedManifests.Damaged manifest : damaged) {
            folder.write("manifest.json", manifest.json());
            List<String> faults = folder.faults();
            if (faults.stream().noneMatch(fault -> fault.startsWith("manifest.json: " + manifest.fault()))
                    || !faults.stream().allMatch(DamagedManifestsTest::isClear)) {
                missed.add(manifest + ": " + faults);
            }
        }
        assertThat(damaged.size()).isGreaterThan(400);
        assertThat(missed).isEmpty();
    }

    /** Checks the test itself: the manifests that it damages are sound before. */
    @Test
    void bothFormatsAreSoundBeforeTheyAreDamaged() throws IOException {
        assertThat(folder.faults()).isEmpty();
        folder.edit(DamagedManifests::asFormat2);
        assertThat(folder.faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "1e400", "01", "+1", ".5", "0x1"})
    void numbersThatJsonDoesNotHaveAreRefused(String number) throws IOException {
        folder.write(
                "manifest.json",
                text().replaceFirst("\"num\": 12", "\"num\": " + number).getBytes(UTF_8));
        assertThat(folder.faults())
                .singleElement()
                .satisfies(fault ->
                        assertThat(fault).startsWith("manifest.json: ").matches(DamagedManifestsTest::isClear));
    }

    @ParameterizedTest
    @CsvSource({"UTF-16,''", "UTF-16LE,''", "ISO-8859-1,\u00e9", "UTF-8,\ufeff"})
    void anotherEncodingIsRefused(String charset, String start) throws IOException {
        folder.write("manifest.json", (start + text()).getBytes(Charset.forName(charset)));
        assertThat(folder.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault)
                        .startsWith("manifest.json: expected ")
                        .matches(DamagedManifestsTest::isClear));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":"})
    void deepNestingIsRefused(String open) throws IOException {
        folder.write("manifest.json", open.repeat(100_000).getBytes(UTF_8));
        assertThat(folder.faults())
                .singleElement()
                .asString()
                .startsWith("manifest.json: expected one JSON object that is nested at most 32 deep");
    }

    @Test
    void whatIsNotOneJsonObjectIsNamed() throws IOException {
        Map<String, String> faults = Map.of(
                text().substring(0, 200),
                "got Unexpected end-of-input",
                text() + "x",
                "got Unrecognized token 'x' at line",
                text() + text(),
                "got Trailing token (of type START_OBJECT) found after value at line",
                text().replaceFirst("\"num\": 12", "\"num\": NaN"),
                "got Non-standard token 'NaN' at line",
                text().replaceFirst("\\{", "{\"format\": 1,"),
                "got Duplicate field 'format' at line");
        for (Map.Entry<String, String> fault : faults.entrySet()) {
            folder.write("manifest.json", fault.getKey().getBytes(UTF_8));
            assertThat(folder.faults())
                    .singleElement()
                    .satisfies(
                            got -> assertThat(got).contains(fault.getValue()).matches(DamagedManifestsTest::isClear));
        }
    }

    @Test
    void aManifestThatIsTooLargeIsNotRead() throws IOException {
        folder.write(
                "manifest.json", text().replace("tiny", "x".repeat(2 << 20)).getBytes(UTF_8));
        assertThat(folder.faults())
                .singleElement()
                .asString()
                .startsWith("manifest.json: expected at most 1048576 bytes, got ");
    }

    @Test
    void aMessageListsTheFirstOfManyFaults() throws IOException {
        folder.edit(manifest -> {
            for (int i = 0; i < 5000; i++) {
                manifest.put("field-\u001b[2J" + i, i);
            }
        });
        BundleException refused = catchThrowableOfType(BundleException.class, () -> ModelBundle.open(folder.path()));
        String message = String.valueOf(refused.getMessage());
        assertThat(message).hasSizeLessThan(20_000).contains("5000 faults").contains("and 4980 more");
        assertThat(message.replace("\n", "")).matches("[ -~]*");
    }

    @Test
    void videosThatNoBufferHoldsAreRefused() throws IOException {
        folder.edit(manifest -> {
            DamagedManifests.asFormat2(manifest);
            manifest.withObject("/video").putArray("frame_counts").add(5).add(60_001);
            ArrayNode sizes = manifest.withObject("/video").withArray("sizes");
            sizes.addObject().put("width", 16_000).put("height", 16_000);
            for (String tensor :
                    List.of("/generators/generator/inputs", "/generators/generator/outputs", "/decoder/inputs")) {
                manifest.withObject(tensor).forEach(spec -> symbols((ArrayNode) spec.get("shape")));
            }
            manifest.withObject("/decoder/outputs/frames")
                    .putArray("shape")
                    .add("B")
                    .add("F")
                    .add("R")
                    .add("X");
        });
        assertThat(folder.faults())
                .isNotEmpty()
                .allMatch(fault -> fault.contains("expected tensors of at most 2147483647 bytes"))
                .anyMatch(fault -> fault.contains("frames uint8[B,F,R,X] with 16000x16000 pixels, 60001 frames"));
    }

    @Test
    void aChangedByteGivesABundleOrClearFaults() throws IOException {
        Random random = new Random(4);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = sound.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            folder.write("manifest.json", bytes);
            assertThat(folder.faults()).allMatch(DamagedManifestsTest::isClear);
        }
    }

    private static void symbols(ArrayNode shape) {
        if (shape.size() == 5) {
            shape.set(2, "T");
            shape.set(3, "H");
            shape.set(4, "W");
        }
    }

    /** Returns whether a fault is one line of bounded length, without the name of a Java class. */
    private static boolean isClear(String fault) {
        return fault.length() < 700
                && fault.chars().noneMatch(Character::isISOControl)
                && !fault.contains("Exception")
                && !fault.contains("java.")
                && !fault.contains("jackson")
                && !fault.contains("Feature");
    }

    private String text() {
        return new String(sound, StandardCharsets.UTF_8);
    }
}
