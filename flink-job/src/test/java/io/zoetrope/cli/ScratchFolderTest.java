package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
    private final Instant later = Instant.now().plus(Duration.ofHours(1));

    @TempDir
    private Path parent;

    @Test
    void theFolderAndItsContentsGoWhenItIsClosed() throws Exception {
        ScratchFolder folder = ScratchFolder.createIn(parent, later);
        Files.createDirectories(folder.path().resolve("a/b"));

        folder.close();

        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void theFolderOfAProcessThatHasEndedIsDeletedByTheNext() throws Exception {
        Path abandoned = Files.createDirectory(parent.resolve("zoetrope-scratch-1"));
        Files.writeString(abandoned.resolve("checkpoint"), "left behind");

        try (ScratchFolder folder = ScratchFolder.createIn(parent, later)) {
            assertThat(abandoned).doesNotExist();
            assertThat(folder.path()).isDirectory();
        }
    }

    @Test
    void theFolderOfAProcessThatLivesAndOtherFoldersAreLeftAlone() throws Exception {
        Path other = Files.createDirectory(parent.resolve("zoetrope-other"));
        try (ScratchFolder living = ScratchFolder.createIn(parent, later);
                ScratchFolder next = ScratchFolder.createIn(parent, later)) {
            assertThat(living.path()).isDirectory().isNotEqualTo(next.path());
            assertThat(other).isDirectory();
        }
    }

    @Test
    void aFolderThatAProcessMayBeAboutToLockIsLeftAlone() throws Exception {
        Path young = Files.createDirectory(parent.resolve("zoetrope-scratch-2"));

        ScratchFolder.createIn(parent, Instant.now()).close();

        assertThat(young).isDirectory();
    }
}
