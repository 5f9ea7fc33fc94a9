package io.zoetrope.cli;

import io.zoetrope.schema.VideoSegment;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** Puts a request's segments together: the first whole, then the others without their init segments. */
final class VideoAssembler {
    private final Map<String, ByteArrayOutputStream> open = new HashMap<>();

    /**
     * Takes the next segment of a request; the segments of one come in order.
     *
     * @return the whole video with its last segment
     * @throws IllegalArgumentException if the segment holds no payload, or not the one that its digest tells of
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
            throw new IllegalArgumentException("segment " + segment.getIndex() + " of " + segment.getRequestId()
                    + " lies at " + segment.getPayloadUri() + "; this client reads payloads in records only");
        }
        byte[] payload = new byte[buffer.remaining()];
        buffer.duplicate().get(payload);
        String digest = DigestUtils.sha256Hex(payload);
        if (!digest.equals(segment.getPayloadSha256())) {
            throw new IllegalArgumentException("segment " + segment.getIndex() + " of " + segment.getRequestId()
                    + " was published with SHA-256 " + segment.getPayloadSha256() + ", its payload has " + digest
                    + "; do not trust it");
        }
        return payload;
    }
}
