package io.zoetrope.natives;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A folder that only the user of this process, and root, can change. */
final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final int ROOT = 0;
    private static final int STICKY = 01000;

    private PrivateFolder() {}

    /** Creates a folder with the mode 0700 if it does not exist. Does not check one that exists. */
    static Path in(Path parent, String name) throws IOException {
        Path folder = parent.resolve(name);
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        return folder;
    }

    /**
     * Checks that no other user can put files into a folder or replace it: it and the folders above it belong to this
     * user or to root, and no one else may write there. In a folder above it with the sticky bit, such as /tmp, others
     * may write, because they cannot replace what this user owns.
     *
     * @param source where the folder comes from, for the error message
     * @throws IllegalStateException if another user can
     */
    static void require(Path folder, String source) throws IOException {
        Path real = folder.toRealPath();
        int user = user();
        for (Path path = real; path != null; path = path.getParent()) {
            Optional<String> fault = fault(path, user, !path.equals(real));
            if (fault.isPresent()) {
                throw new IllegalStateException(
                        source + ": native libraries are not loaded from " + folder + ", because " + path + " "
                                + fault.get() + "; give a folder that only this user can write to, with the mode 0700");
            }
        }
    }

    /** Returns whether libraries can be loaded from a folder: not if its file system is mounted with noexec. */
    static boolean mayHoldPrograms(Path folder) throws IOException {
        Path program = Files.createTempFile(folder, "program-", "", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            return Files.isExecutable(program);
        } finally {
            Files.delete(program);
        }
    }

    private static Optional<String> fault(Path path, int user, boolean above) throws IOException {
        int owner = attribute(path, "unix:uid");
        int mode = attribute(path, "unix:mode");
        if (owner != user && owner != ROOT) {
            return Optional.of("belongs to the user " + owner);
        }
        boolean othersWrite = (mode & 022) != 0;
        boolean sticky = (mode & STICKY) != 0;
        return othersWrite && !(above && sticky) ? Optional.of("is writable by other users") : Optional.empty();
    }

    /** Returns the id of this process' user: the owner of a file that it creates. */
    private static int user() throws IOException {
        Path file = Files.createTempFile("zoetrope-user-", "");
        try {
            return attribute(file, "unix:uid");
        } finally {
            Files.delete(file);
        }
    }

    private static int attribute(Path path, String name) throws IOException {
        @Nullable Object value = Files.getAttribute(path, name, LinkOption.NOFOLLOW_LINKS);
        return (Integer) Objects.requireNonNull(value, name);
    }
}
