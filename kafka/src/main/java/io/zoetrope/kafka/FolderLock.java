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
 * Keeps a folder to one running broker, among all processes. Kafka locks its folder too, but in combined mode only after
 * the controller has opened the metadata log and may have written to it.
 */
final class FolderLock implements AutoCloseable {
    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /** @throws BrokerStartException if a running broker has the folder, or it cannot be written to */
    static FolderLock on(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel file = FileChannel.open(
                    folder.resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isOurs(file)) {
                return new FolderLock(file);
            }
            file.close();
        } catch (IOException e) {
            throw new BrokerStartException(
                    "broker: could not lock the folder " + folder + " (" + e + "); give one that can be written to", e);
        }
        throw new BrokerStartException(
                "broker: the folder " + folder + " is in use by another broker; stop that one, or give another folder",
                null);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("broker: could not unlock its folder", e);
        }
    }

    private static boolean isOurs(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
