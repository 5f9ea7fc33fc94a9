package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the files of a manifest have to be present, complete and inside the bundle's folder. */
class BundleFilesTest {
    @TempDir
    Path temp;

    private BundleFolder folder;

    @BeforeEach
    void copyTheBundle() {
        folder = BundleFolder.copy(temp);
    }

    @Test
    void missingFileAndWrongDigestAreNamed() throws IOException {
        Files.delete(folder.path().resolve("decoder.onnx"));
        folder.write("generator.weights", new byte[8]);
        folder.write("tokenizer.json", new byte[0]);

        assertThat(folder.faults())
                .satisfiesExactly(
                        fault -> assertThat(fault)
                                .startsWith("tokenizer.json: expected sha256 ")
                                .contains("got e3b0c442"),
                        fault -> assertThat(fault)
                                .startsWith("generator.weights: expected sha256 ")
                                .contains("got af5570f5"),
                        fault ->
                                assertThat(fault).isEqualTo("decoder.onnx: the bundle needs this file, it is missing"));
    }

    @Test
    void invalidDigestIsRefused() throws IOException {
        folder.edit(manifest -> manifest.withObject("/decoder").put("sha256", "ABC"));
        assertThat(folder.faults())
                .containsExactly("manifest.json: decoder.sha256: expected 64 lower-case hex digits, got \"ABC\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/hostname", "../tokenizer.json", "a/../../tokenizer.json", ".", "a\u0000b"})
    void pathOutOfTheFolderIsRefused(String path) throws IOException {
        folder.edit(manifest -> manifest.withObject("/tokenizer").put("file", path));
        assertThat(folder.faults())
                .singleElement()
                .asString()
                .startsWith("manifest.json: tokenizer.file: expected a relative path in the bundle's folder")
                .matches("[ -~]*");
    }

    @Test
    void linkOutOfTheFolderIsRefused() throws IOException {
        Path outside = Files.move(folder.path().resolve("generator.weights"), temp.resolve("outside"));
        Files.createSymbolicLink(folder.path().resolve("generator.weights"), outside);
        assertThat(folder.faults())
                .containsExactly("generator.weights: expected a file in the bundle's folder, got a link to "
                        + outside.toRealPath());
    }

    @Test
    void graphMustBeAnOnnxFileByItsName() throws IOException {
        folder.edit(manifest -> manifest.withObject("/decoder").put("file", "decoder.ort"));
        assertThat(folder.faults())
                .containsExactly(
                        "manifest.json: decoder.file: expected a relative path in the bundle's folder of at most 255"
                                + " characters: letters, digits and _ . + -, with / between its parts, with a name in .onnx, got"
                                + " \"decoder.ort\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../secrets", "sub/../../secrets"})
    void tensorOutOfTheFolderIsRefusedAlthoughEveryDigestMatches(String location) throws IOException {
        folder.write("decoder.onnx", OnnxBytes.externalTensor(location, OnnxBytes.INITIALIZER));
        folder.updateDigest("decoder", "decoder.onnx");
        assertThat(folder.faults())
                .containsExactly(
                        "decoder.onnx: a tensor is stored in \"" + location + "\", outside the bundle's folder");
    }

    @Test
    void tensorInAFileThatTheManifestDoesNotListIsRefused() throws IOException {
        folder.edit(manifest -> manifest.withObject("/generator").putArray("external_data"));
        assertThat(folder.faults())
                .containsExactly("generator.onnx: a tensor is stored in \"generator.weights\","
                        + " which is not in the manifest's external_data");
    }

    @Test
    void externalDataIsRelativeToAGraphsSubfolder() throws IOException {
        Files.createDirectory(folder.path().resolve("sub"));
        for (String file : List.of("generator.onnx", "generator.weights")) {
            Files.move(folder.path().resolve(file), folder.path().resolve("sub").resolve(file));
        }
        folder.edit(manifest -> {
            ObjectNode generator = manifest.withObject("/generator").put("file", "sub/generator.onnx");
            ((ObjectNode) generator.withArray("/external_data").get(0)).put("file", "sub/generator.weights");
        });
        assertThat(folder.faults()).isEmpty();
    }

    @Test
    void graphThatIsNotProtobufIsRefused() throws IOException {
        folder.write("decoder.onnx", "not a model".getBytes(StandardCharsets.UTF_8));
        folder.updateDigest("decoder", "decoder.onnx");
        assertThat(folder.faults()).singleElement().asString().startsWith("decoder.onnx: expected an ONNX model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/dev/zero", "/dev/null", "decoder.onnx", "/nowhere"})
    void whatIsNotARegularFileIsRefusedBeforeItIsRead(String target) throws IOException {
        for (String file : List.of("decoder.onnx", "tokenizer.json")) {
            Files.delete(folder.path().resolve(file));
            Files.createSymbolicLink(folder.path().resolve(file), Path.of(target));
        }
        assertThat(folder.faults())
                .hasSize(2)
                .allMatch(fault -> fault.contains(
                        ": expected a regular file, got a folder, a device, a pipe, or a link to nothing"));
    }

    @Test
    void aManifestThatIsADeviceIsRefused() throws IOException {
        Files.delete(folder.path().resolve("manifest.json"));
        Files.createSymbolicLink(folder.path().resolve("manifest.json"), Path.of("/dev/zero"));
        assertThat(folder.faults()).singleElement().asString().startsWith("manifest.json: expected a regular file");
    }

    @Test
    void aTokenizerThatIsTooLargeIsNotRead() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(folder.path().resolve("tokenizer.json").toFile(), "rw")) {
            file.setLength((64 << 20) + 1);
        }
        assertThat(folder.faults()).containsExactly("tokenizer.json: expected at most 67108864 bytes, got 67108865");
    }

    @Test
    void namesThatDifferOnlyInCaseAreRefused() throws IOException {
        Files.copy(folder.path().resolve("decoder.onnx"), folder.path().resolve("Generator.onnx"));
        folder.updateDigest("decoder", "Generator.onnx");
        assertThat(folder.faults())
                .containsExactly(
                        "Generator.onnx: expected names that differ in more than their case," + " got generator.onnx");
    }

    @Test
    void aLocationThatIsTooLongIsRefused() throws IOException {
        folder.write("decoder.onnx", OnnxBytes.externalTensor("../" + "x".repeat(9000), OnnxBytes.INITIALIZER));
        folder.updateDigest("decoder", "decoder.onnx");
        assertThat(folder.faults())
                .singleElement()
                .asString()
                .contains("a key or value of external data is longer than 8192");
    }
}
