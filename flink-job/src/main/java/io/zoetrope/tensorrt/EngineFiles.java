package io.zoetrope.tensorrt;

import io.zoetrope.tensorrt.TensorRt.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of built engines, one file for each key. A file is the key as text, the engine, and a digest of both. It
 * appears under its name at once and as a whole, so several processes may share the folder.
 *
 * <p>An engine is code that TensorRT does not check, so a file is used only if its key and its digest are right. Another
 * one is reported and replaced.
 */
final class EngineFiles {
    private static final Logger LOG = LoggerFactory.getLogger(EngineFiles.class);

    private static final byte[] MAGIC = "zoetrope engine 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST_BYTES = 32;
    private static final int CHUNK_BYTES = 8 << 20;

    private final Path folder;

    /**
     * Creates the folder.
     *
     * @throws UncheckedIOException if it cannot be created or written to
     */
    EngineFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            if (!Files.isWritable(folder)) {
                throw new IOException("the folder is not writable");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "engine-cache: " + folder + ": cannot be created or written to (" + e
                            + "); give a folder that this process can write to, on a volume that outlives it",
                    e);
        }
    }

    /** Returns the file of a key. */
    Path file(EngineKey key) {
        byte[] digest = sha256().digest(key.text().getBytes(StandardCharsets.UTF_8));
        return folder.resolve(HexFormat.of().formatHex(digest) + ".engine");
    }

    /** Reads the engine of a key, for the caller to close; empty if there is none that can be used. */
    Optional<Plan> find(EngineKey key, TensorRt tensorRt) {
        Path file = file(key);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, key, tensorRt, file);
        } catch (java.nio.file.NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("{}: cannot be read, so the engine is built again: {}", file, e.toString());
            return Optional.empty();
        }
    }

    private Optional<Plan> read(FileChannel channel, EngineKey key, TensorRt tensorRt, Path file) throws IOException {
        byte[] head = head(key);
        long bytes = channel.size() - head.length - DIGEST_BYTES;
        MessageDigest digest = sha256();
        if (bytes < 1 || !Arrays.equals(head, readAll(channel, head.length))) {
            LOG.warn("{}: is not the engine of this graph, GPU and version of TensorRT, so it is built again", file);
            return Optional.empty();
        }
        digest.update(head);
        Plan plan = tensorRt.allocatePlan(bytes);
        boolean valid = false;
        try {
            ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, bytes));
            for (long offset = 0; offset < bytes; offset += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), bytes - offset));
                fill(channel, chunk);
                digest.update(chunk.duplicate());
                plan.write(offset, chunk.duplicate());
            }
            valid = Arrays.equals(digest.digest(), readAll(channel, DIGEST_BYTES));
        } finally {
            if (!valid) {
                plan.close();
            }
        }
        if (!valid) {
            LOG.warn("{}: is damaged, so the engine is built again", file);
            return Optional.empty();
        }
        return Optional.of(plan);
    }

    /** Stores the engine of a key. A folder that cannot be written to costs the next start a build, not this one. */
    void store(EngineKey key, Plan plan) {
        Path file = file(key);
        try {
            Path part = Files.createTempFile(folder, "part-", ".tmp");
            try {
                write(part, key, plan);
                move(part, file);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.warn("{}: the engine cannot be stored, so the next start builds it again: {}", file, e.toString());
        }
    }

    private static void write(Path part, EngineKey key, Plan plan) throws IOException {
        MessageDigest digest = sha256();
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            byte[] head = head(key);
            digest.update(head);
            writeAll(channel, ByteBuffer.wrap(head));
            ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, plan.bytes()));
            for (long offset = 0; offset < plan.bytes(); offset += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), plan.bytes() - offset));
                plan.read(offset, chunk.duplicate());
                digest.update(chunk.duplicate());
                writeAll(channel, chunk.duplicate());
            }
            writeAll(channel, ByteBuffer.wrap(digest.digest()));
            channel.force(true);
        }
    }

    private static void move(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("its file system cannot replace a file atomically", e);
        }
    }

    /** Returns the bytes before the engine. They have the key's length, so one key is no prefix of another. */
    private static byte[] head(EngineKey key) {
        byte[] text = key.text().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(MAGIC.length + Integer.BYTES + text.length)
                .put(MAGIC)
                .putInt(text.length)
                .put(text)
                .array();
    }

    private static byte[] readAll(FileChannel channel, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        fill(channel, buffer);
        return buffer.array();
    }

    /** Fills a buffer and rewinds it. */
    private static void fill(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the file ends early");
            }
        }
        buffer.rewind();
    }

    private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
