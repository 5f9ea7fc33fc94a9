package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDigestsTest {
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));

    @TempDir
    Path temp;

    private final AtomicInteger reads = new AtomicInteger();
    private final FileDigests digests = new FileDigests(LATER, this::read);
    private Path file = Path.of("");

    private String read(Path path) throws IOException {
        reads.incrementAndGet();
        return Files.readString(path);
    }

    @BeforeEach
    void writeTheFile() throws IOException {
        file = Files.writeString(temp.resolve("file"), "before");
    }

    @Test
    void aFileThatDoesNotChangeIsReadOnce() throws IOException {
        assertThat(digests.sha256(file)).isEqualTo("before");
        assertThat(digests.sha256(file)).isEqualTo("before");
        assertThat(reads).hasValue(1);
    }

    @Test
    void aFileOfAnotherLengthIsReadAgain() throws IOException {
        assertThat(digests.sha256(file)).isEqualTo("before");
        Files.writeString(file, "afterwards");
        assertThat(digests.sha256(file)).isEqualTo("afterwards");
    }

    @Test
    void anotherFileInItsPlaceIsReadAlthoughItHasTheSameLengthAndTime() throws IOException {
        assertThat(digests.sha256(file)).isEqualTo("before");
        Path other = Files.writeString(temp.resolve("other"), "after!");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(digests.sha256(file)).isEqualTo("after!");
    }

    /** Within the resolution of a file system's times, a second change does not give another time. */
    @Test
    void aFileThatHasJustChangedIsReadAgain() throws IOException {
        FileDigests now = new FileDigests(Clock.systemUTC(), this::read);
        assertThat(now.sha256(file)).isEqualTo("before");
        assertThat(now.sha256(file)).isEqualTo("before");
        assertThat(reads).hasValue(2);
    }
}
