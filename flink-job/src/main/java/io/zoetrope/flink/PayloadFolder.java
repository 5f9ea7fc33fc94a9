package io.zoetrope.flink;

import io.zoetrope.publish.StoredPayload;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The folder of the payloads that are not in their records, on any file system that Flink supports. The name of a
 * payload is its digest, {@code FOLDER/SHA-256.mp4}, so a payload that is written again replaces itself.
 *
 * @param path the path of the folder
 */
public record PayloadFolder(Path path) implements Serializable {
    private static final String LOCAL = "file";
    private static final String PROBE = "_writable";
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * Returns the folder at a path or a URI. Does not check or create it.
     *
     * @throws IllegalArgumentException if the text is not a path and not a URI
     */
    public static PayloadFolder of(String folder) {
        return new PayloadFolder(FolderPath.of(folder));
    }

    /** Returns where a payload is stored. Stores nothing. */
    StoredPayload locate(ByteBuffer payload) {
        String sha256 = new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(payload.duplicate());
        return new StoredPayload(uri(sha256), sha256);
    }

    /** Writes a small file, which shows that the folder can be written to. */
    void probe() throws IOException {
        write(new Path(path, PROBE), ByteBuffer.wrap("zoetrope\n".getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Writes a payload, also if it is there already: an object store deletes objects by their age, and the new record
     * needs its payload for as long as every other.
     */
    void write(StoredPayload stored, ByteBuffer payload) throws IOException {
        write(file(stored.sha256()), payload);
    }

    /**
     * Reads the payload of a record. Reads nothing outside of this folder, whatever the record says.
     *
     * @param uri the URI in the record
     * @param sha256 the digest in the record
     * @param size the size in the record, in bytes
     * @throws IllegalArgumentException if the URI is not the one of the digest in this folder, or the file does not have
     *     the size and the digest
     * @throws IOException if the file cannot be read
     */
    public byte[] read(String uri, String sha256, long size) throws IOException {
        if (!SHA_256.matcher(sha256).matches() || !uri.equals(uri(sha256))) {
            throw new IllegalArgumentException("the payload of the digest " + sha256 + " is at " + uri
                    + ", which is not a payload in the folder " + path + "; give the folder that the job writes to");
        }
        if (size > Integer.MAX_VALUE - Long.BYTES) {
            throw new IllegalArgumentException(uri + " has " + size + " bytes, an array of Java has fewer; use a client"
                    + " that writes the payload to a file as it arrives");
        }
        Path file = file(sha256);
        try (InputStream in = file.getFileSystem().open(file)) {
            byte[] payload = in.readNBytes((int) size);
            String found = DigestUtils.sha256Hex(payload);
            if (payload.length < size || in.read() >= 0 || !found.equals(sha256)) {
                throw new IllegalArgumentException(uri + " does not have the " + size + " bytes with the SHA-256 "
                        + sha256 + " of its record: " + payload.length + " bytes of it have " + found
                        + "; do not use it");
            }
            return payload;
        }
    }

    private Path file(String sha256) {
        return new Path(path, sha256 + ".mp4");
    }

    private String uri(String sha256) {
        String uri = file(sha256).toUri().toString();
        return uri.startsWith(LOCAL + ":/") && !uri.startsWith(LOCAL + "://")
                ? LOCAL + "://" + uri.substring(LOCAL.length() + 1)
                : uri;
    }

    /** An object of a store is visible when its stream is closed, and whole. A local file is made visible like that. */
    private static void write(Path file, ByteBuffer bytes) throws IOException {
        if (LOCAL.equals(file.toUri().getScheme())) {
            writeLocal(java.nio.file.Path.of(file.getPath()), bytes);
            return;
        }
        try (OutputStream out = file.getFileSystem().create(file, FileSystem.WriteMode.OVERWRITE);
                WritableByteChannel channel = Channels.newChannel(out)) {
            channel.write(bytes.duplicate());
        }
    }

    private static void writeLocal(java.nio.file.Path file, ByteBuffer bytes) throws IOException {
        java.nio.file.Path folder =
                Files.createDirectories(file.toAbsolutePath().getParent());
        java.nio.file.Path part = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (ByteBuffer rest = bytes.duplicate(); rest.hasRemaining(); ) {
                    channel.write(rest);
                }
                channel.force(true); // the payload has to survive a power loss that its record survives
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
