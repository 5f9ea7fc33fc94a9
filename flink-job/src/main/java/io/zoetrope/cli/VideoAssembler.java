package io.zoetrope.cli;

import io.zoetrope.schema.VideoSegment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** Joins the segments of a request to one MP4 file: the first segment whole, the others without their init segments. */
final class VideoAssembler {
    private final Map<String, ByteArrayOutputStream> open = new HashMap<>();

    /**
     * Appends the next segment of a request. The segments of one request have to be added in order.
     *
     * @return the whole video if the segment is the last one; else empty
     * @throws IllegalArgumentException if the segment has no payload, or the payload does not match its digest
     */
    Optional<Answer.Clip> add(VideoSegment segment) {
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

    private static byte[] payload(VideoSegment segment) {
        ByteBuffer buffer = segment.getPayload();
        if (buffer == null) {
            throw new IllegalArgumentException(
                    "segment " + segment.getIndex() + " of " + segment.getRequestId() + " has its payload at "
                            + segment.getPayloadUri() + "; this client reads payloads in records only");
        }
        byte[] payload = new byte[buffer.remaining()];
        buffer.duplicate().get(payload);
        String digest = DigestUtils.sha256Hex(payload);
        if (!digest.equals(segment.getPayloadSha256())) {
            throw new IllegalArgumentException("segment " + segment.getIndex() + " of " + segment.getRequestId()
                    + " was published with SHA-256 " + segment.getPayloadSha256() + ", its payload has " + digest
                    + "; do not use it");
        }
        return payload;
    }
}
