package io.zoetrope.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
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
    private FileDigests digests = new FileDigests(LATER, this::read, new RememberedDigests(Path.of("")));
    private Path file = Path.of("");

    private String read(Path path) throws IOException {
        reads.incrementAndGet();
        return Files.readString(path);
    }

    @BeforeEach
    void writeTheFile() throws IOException {
        file = Files.writeString(temp.resolve("file"), "before");
        digests = ofANewProcess(LATER);
    }

    private FileDigests ofANewProcess(Clock clock) {
        return new FileDigests(clock, this::read, new RememberedDigests(cache()));
    }

    private Path cache() {
        return temp.resolve("cache").resolve("digests");
    }

    /** Returns a file that is large enough to be remembered. It takes no space. */
    private Path largeFile() throws IOException {
        try (RandomAccessFile large = new RandomAccessFile(temp.resolve("large").toFile(), "rw")) {
            large.setLength(16 << 20);
        }
        return temp.resolve("large");
    }

    private FileDigests ofALargeFile(Clock clock) {
        return new FileDigests(
                clock, path -> "%064x".formatted(reads.incrementAndGet()), new RememberedDigests(cache()));
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
        FileDigests now = ofANewProcess(Clock.systemUTC());
        assertThat(now.sha256(file)).isEqualTo("before");
        assertThat(now.sha256(file)).isEqualTo("before");
        assertThat(reads).hasValue(2);
    }

    @Test
    void anotherProcessKnowsTheDigestOfALargeFileUntilItChanges() throws IOException {
        Path large = largeFile();
        String first = ofALargeFile(LATER).sha256(large);
        assertThat(ofALargeFile(LATER).sha256(large)).isEqualTo(first);
        assertThat(reads).hasValue(1);

        FileTime time = Files.getLastModifiedTime(large);
        try (RandomAccessFile changed = new RandomAccessFile(large.toFile(), "rw")) {
            changed.write(1);
        }
        Files.setLastModifiedTime(large, time); // sets the ctime
        assertThat(ofALargeFile(LATER).sha256(large)).isNotEqualTo(first);
    }

    @Test
    void aSmallFileAndOneThatHasJustChangedAreNotRemembered() throws IOException {
        digests.sha256(file);
        ofALargeFile(Clock.systemUTC()).sha256(largeFile());
        assertThat(cache()).doesNotExist();
    }

    @Test
    void aCacheThatAnotherUserCanWriteOrThatIsDamagedIsNotUsed() throws IOException {
        Path large = largeFile();
        ofALargeFile(LATER).sha256(large);
        String line = Files.readString(cache());

        Files.writeString(cache(), line.substring(1));
        ofALargeFile(LATER).sha256(large);
        assertThat(reads).as("a digest of 63 digits").hasValue(2);

        Files.setPosixFilePermissions(cache(), PosixFilePermissions.fromString("rw-rw----"));
        ofALargeFile(LATER).sha256(large);
        assertThat(reads).as("a cache that the group can write").hasValue(3);
        assertThat(Files.getPosixFilePermissions(cache())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aCacheThatCannotBeWrittenIsNoFault() throws IOException {
        Files.writeString(temp.resolve("cache"), "a file in place of the folder");
        assertThat(ofALargeFile(LATER).sha256(largeFile())).hasSize(64);
    }
}
