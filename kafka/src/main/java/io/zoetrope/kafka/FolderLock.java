package io.zoetrope.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A lock that gives a folder to one running broker among all processes. Kafka locks its folder too, but in combined
 * mode it does so only after the controller has opened the metadata log and possibly written to it.
 */
final class FolderLock implements AutoCloseable {
    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Locks a folder, and creates it if it is missing.
     *
     * @throws BrokerStartException if a running broker uses the folder, or the folder is not writable
     */
    static FolderLock on(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel file = FileChannel.open(
                    folder.resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(file)) {
                return new FolderLock(file);
            }
            file.close();
        } catch (IOException e) {
            throw new BrokerStartException(
                    "broker: could not lock the folder " + folder + " (" + e + "); give a writable folder", e);
        }
        throw new BrokerStartException(
                "broker: the folder " + folder
                        + " is in use by another broker; stop that broker, or give another folder",
                null);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("broker: could not unlock the broker's folder", e);
        }
    }

    private static boolean tryLock(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
