package io.zoetrope.cli;

import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.schema.VideoSegment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** Joins the segments of a request to one MP4 file: the first segment whole, the others without their init segments. */
final class VideoAssembler {
    private final Map<String, ByteArrayOutputStream> open = new HashMap<>();
    private final Optional<PayloadFolder> folder;

    /**
     * Creates an assembler.
     *
     * @param folder the only folder from which payloads are read that are not in their records
     */
    VideoAssembler(Optional<PayloadFolder> folder) {
        this.folder = folder;
    }

    /**
     * Appends the next segment of a request. The segments of one request have to be added in order.
     *
     * @return the whole video if the segment is the last one; else empty
     * @throws IllegalArgumentException if the payload is in no folder that may be read, or does not match its digest
     * @throws IOException if the payload cannot be read from its folder
     */
    Optional<Answer.Clip> add(VideoSegment segment) throws IOException {
        byte[] payload = payload(segment);
        ByteArrayOutputStream file = open.computeIfAbsent(segment.getRequestId(), id -> new ByteArrayOutputStream());
        int start = segment.getIndex() == 0 ? 0 : segment.getInitLength();
        file.write(payload, start, payload.length - start);
        if (!segment.getLast()) {
            return Optional.empty();
        }
        open.remove(segment.getRequestId());
        return Optional.of(new Answer.Clip(segment, file.toByteArray()));
    }

    private byte[] payload(VideoSegment segment) throws IOException {
        ByteBuffer buffer = segment.getPayload();
        if (buffer == null) {
            return stored(segment);
        }
        byte[] payload = new byte[buffer.remaining()];
        buffer.duplicate().get(payload);
        String digest = DigestUtils.sha256Hex(payload);
        if (!digest.equals(segment.getPayloadSha256())) {
            throw new IllegalArgumentException(name(segment) + " was published with SHA-256 "
                    + segment.getPayloadSha256() + ", its payload has " + digest + "; do not use it");
        }
        return payload;
    }

    private byte[] stored(VideoSegment segment) throws IOException {
        String uri = String.valueOf(segment.getPayloadUri());
        if (folder.isEmpty()) {
            throw new IllegalArgumentException(
                    name(segment) + " has its payload at " + uri + "; give that folder as --payload-folder to read it");
        }
        try {
            return folder.get().read(uri, segment.getPayloadSha256(), segment.getPayloadSize());
        } catch (IOException e) {
            throw new IOException(name(segment) + " has its payload at " + uri + ", which cannot be read: " + e, e);
        }
    }

    private static String name(VideoSegment segment) {
        return "segment " + segment.getIndex() + " of " + segment.getRequestId();
    }
}
