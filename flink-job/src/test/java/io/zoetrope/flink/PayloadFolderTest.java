package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.publish.StoredPayload;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadFolderTest {
    private static final byte[] PAYLOAD = "initabc".getBytes(StandardCharsets.UTF_8);
    private static final String DIGEST = DigestUtils.sha256Hex(PAYLOAD);

    @TempDir
    private Path root;

    @Test
    void aPayloadIsNamedByItsDigestAndItsUriIsOneAlsoForOddFolders() throws Exception {
        Path path = root.resolve("videos of 2026, 100%");
        PayloadFolder folder = PayloadFolder.of(path.toString());

        StoredPayload stored = write(folder);

        assertThat(stored.sha256()).isEqualTo(DIGEST);
        assertThat(stored.uri()).startsWith("file:///");
        assertThat(Path.of(URI.create(stored.uri()))).isEqualTo(path.resolve(DIGEST + ".mp4"));
        assertThat(path.resolve(DIGEST + ".mp4")).hasBinaryContent(PAYLOAD);
        assertThat(folder.read(stored.uri(), DIGEST, PAYLOAD.length)).isEqualTo(PAYLOAD);
    }

    @Test
    void theFolderOfAStoreMayBeItsRoot() {
        assertThat(uri("s3://clips")).isEqualTo("s3://clips/" + DIGEST + ".mp4");
        assertThat(uri("s3://clips/")).isEqualTo("s3://clips/" + DIGEST + ".mp4");
        assertThat(uri("s3://clips/large/")).isEqualTo("s3://clips/large/" + DIGEST + ".mp4");
    }

    @Test
    void theSamePayloadAgainReplacesItself() throws Exception {
        PayloadFolder folder = PayloadFolder.of(root.toString());
        write(folder);
        Path file = root.resolve(DIGEST + ".mp4");
        Files.writeString(file, "a part, left by a process that died");

        write(folder);

        assertThat(file).hasBinaryContent(PAYLOAD);
        assertThat(files()).containsExactly(DIGEST + ".mp4");
    }

    @Test
    void aWriteThatFailsLeavesNoPart() throws Exception {
        PayloadFolder folder = PayloadFolder.of(root.toString());
        Files.createDirectory(root.resolve(DIGEST + ".mp4"));

        assertThatThrownBy(() -> write(folder)).isInstanceOf(IOException.class);

        assertThat(files()).containsExactly(DIGEST + ".mp4");
    }

    @Test
    void aFileThatIsNotThePayloadOfItsRecordIsFound() throws Exception {
        PayloadFolder folder = PayloadFolder.of(root.toString());
        StoredPayload stored = write(folder);
        for (String wrong : List.of("initabd", "initab", "initabcd", "")) {
            Files.writeString(root.resolve(DIGEST + ".mp4"), wrong);

            assertThatThrownBy(() -> folder.read(stored.uri(), DIGEST, PAYLOAD.length))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not have the 7 bytes with the SHA-256 " + DIGEST)
                    .hasMessageEndingWith("do not use it");
        }
    }

    @Test
    void aPayloadThatIsGoneIsAnErrorOfTheStore() throws Exception {
        PayloadFolder folder = PayloadFolder.of(root.toString());
        StoredPayload stored = write(folder);
        Files.delete(root.resolve(DIGEST + ".mp4"));

        assertThatThrownBy(() -> folder.read(stored.uri(), DIGEST, PAYLOAD.length))
                .isInstanceOf(IOException.class);
    }

    @Test
    void nothingThatARecordNamesIsReadOutsideOfTheFolder() throws Exception {
        PayloadFolder folder = PayloadFolder.of(root.resolve("videos").toString());
        write(folder);
        String inside = root.resolve("videos").toUri().toString();
        Path secret = Files.write(root.resolve("secret.mp4"), PAYLOAD);
        Path neighbour = Files.createDirectory(root.resolve("videos-of-others"));
        Files.write(neighbour.resolve(DIGEST + ".mp4"), PAYLOAD);

        for (List<String> hostile : List.of(
                List.of(secret.toUri().toString(), DIGEST),
                List.of(inside + "../secret.mp4", "../secret"),
                List.of(inside + "%2e%2e/secret.mp4", "%2e%2e/secret"),
                List.of(neighbour.toUri() + DIGEST + ".mp4", DIGEST),
                List.of(inside + DIGEST.toUpperCase(Locale.ROOT) + ".mp4", DIGEST),
                List.of("http://169.254.169.254/" + DIGEST + ".mp4", DIGEST),
                List.of("s3://videos/" + DIGEST + ".mp4", DIGEST),
                List.of("", DIGEST),
                List.of(DIGEST + ".mp4", DIGEST))) {
            assertThatThrownBy(() -> folder.read(hostile.get(0), hostile.get(1), PAYLOAD.length))
                    .as(hostile.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not a payload in the folder");
        }
    }

    private static StoredPayload write(PayloadFolder folder) throws IOException {
        StoredPayload stored = folder.locate(ByteBuffer.wrap(PAYLOAD));
        folder.write(stored, ByteBuffer.wrap(PAYLOAD).asReadOnlyBuffer());
        return stored;
    }

    private static String uri(String folder) {
        return PayloadFolder.of(folder).locate(ByteBuffer.wrap(PAYLOAD)).uri();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
