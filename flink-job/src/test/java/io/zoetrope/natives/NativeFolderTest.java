package io.zoetrope.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path folder;

    @Test
    void theFolderIsInTheUsersCacheAndPrivate() throws IOException {
        Path chosen = NativeFolder.choose(null, folder.toString());

        assertThat(chosen).isEqualTo(folder.resolve(".cache/zoetrope/native"));
        assertThat(mode(chosen)).isEqualTo("rwx------");
        assertThat(NativeFolder.choose(null, folder.toString())).isEqualTo(chosen);
    }

    @Test
    void withoutAHomeTheFolderIsRandomAndPrivate() throws IOException {
        for (String home :
                new String[] {"?", "/nonexistent", folder.resolve("none").toString()}) {
            Path chosen = NativeFolder.choose(null, home);

            assertThat(chosen.getFileName().toString()).matches("zoetrope-native-\\d{5,}");
            assertThat(mode(chosen)).isEqualTo("rwx------");
            assertThat(NativeFolder.choose(null, home)).isNotEqualTo(chosen);
        }
    }

    /** The kernel lets no one execute a file there, root included. */
    @Test
    void aFolderOfAFileSystemWithNoexecHoldsNoPrograms() throws IOException {
        assertThat(PrivateFolder.mayHoldPrograms(folder)).isTrue();
        Path noexec = noexecFolder();

        assertThat(PrivateFolder.mayHoldPrograms(noexec)).isFalse();
    }

    /** Returns a writable folder of a file system that is mounted with noexec. */
    private static Path noexecFolder() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
            String[] fields = line.split(" ", -1);
            Path mounted = Path.of(fields[1].replace("\\040", " "));
            if (fields[2].equals("tmpfs") && fields[3].contains("noexec") && Files.isWritable(mounted)) {
                return mounted;
            }
        }
        assumeTrue(false, "no tmpfs with noexec that this user can write to");
        throw new AssertionError();
    }

    @Test
    void aFolderThatOthersCanWriteToIsNotUsed() throws IOException {
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Path prepared = Files.createDirectories(cache.resolve("zoetrope/native"));
        Files.setPosixFilePermissions(prepared, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(NativeFolder.choose(cache.toString(), "/root")).isNotEqualTo(prepared);
        assertThatThrownBy(() -> PrivateFolder.require(prepared, "-Dlibrary"))
                .hasMessage("-Dlibrary: native libraries are not loaded from " + prepared + ", because "
                        + prepared.toRealPath()
                        + " is writable by other users; give a folder that only this user can write to, with the mode"
                        + " 0700");
    }

    @Test
    void aFolderBelowOneThatOthersCanWriteToIsNotUsed() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Path inside = Files.createDirectory(open.resolve("inside"));
        Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));

        assertThatThrownBy(() -> PrivateFolder.require(inside, "-Dlibrary"))
                .hasMessageContaining(open.toRealPath() + " is writable by other users");
    }

    @Test
    void aFolderThatAnotherUserOwnsIsNotUsed() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a folder to another user");
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Path prepared = Files.createDirectories(cache.resolve("zoetrope/native"));
        Files.setPosixFilePermissions(prepared, PosixFilePermissions.fromString("rwx------"));
        Files.setAttribute(prepared, "unix:uid", NOBODY);

        assertThat(NativeFolder.choose(cache.toString(), "/root")).isNotEqualTo(prepared);
        assertThatThrownBy(() -> PrivateFolder.require(prepared, "-Dlibrary"))
                .hasMessageContaining(" belongs to the user " + NOBODY);
    }

    @Test
    void aLinkIsJudgedByItsTarget() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);

        assertThatThrownBy(() -> PrivateFolder.require(link, "-Dlibrary"))
                .hasMessageContaining(target.toRealPath() + " is writable by other users");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }
}
