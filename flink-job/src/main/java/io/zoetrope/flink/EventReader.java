package io.zoetrope.flink;

import static io.zoetrope.failure.FailureCode.REGISTRY_UNAVAILABLE;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.RequestLimits;
import io.zoetrope.wire.MapLimits;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the request id of an event, and checks that the event is well formed. A fault of the event is an INVALID_EVENT. */
final class EventReader {
    /** The maximum number of bytes of a key that an error message shows. */
    private static final int SHOWN_BYTES = 32;

    private EventReader() {}

    /**
     * Returns the request id of an event: the one in its value, which the key must equal; for a tombstone, the key.
     *
     * @throws RequestException INVALID_EVENT if the record is above the job's limits, the value is not one whole prompt
     *     event, the id is not valid, or the key differs from the id; REGISTRY_UNAVAILABLE if the schema registry did
     *     not answer
     */
    static RequestId requestId(KafkaEvent event) {
        String fault = event.fault();
        if (fault != null) {
            throw event.schemaId() == null
                    ? invalid(fault)
                    : new RequestException(REGISTRY_UNAVAILABLE, "admit", fault);
        }
        byte[] value = event.value();
        byte[] key = event.key();
        if (value == null) {
            return ofTombstone(key);
        }
        if (value.length == 0) {
            throw invalid("an empty value is not a tombstone; to cancel, send a null value, not an empty one");
        }
        RequestId id = valid(PromptCodec.requestId(value));
        if (key != null && !Arrays.equals(key, id.value().getBytes(StandardCharsets.UTF_8))) {
            throw invalid("the record's key is " + shown(key) + ", its request_id is " + id.value()
                    + "; use the request_id in UTF-8 as the key, or no key");
        }
        return id;
    }

    /**
     * Decodes the request of an admitted event. It copies the first frame, so each event is decoded only once.
     *
     * @throws RequestException INVALID_EVENT if its labels are above the limits
     * @throws IllegalArgumentException if the event is a tombstone
     */
    static PromptRequest request(KafkaEvent event, RequestLimits limits) {
        byte[] value = event.value();
        if (value == null) {
            throw new IllegalArgumentException(
                    "the event at " + event.position() + " is a tombstone, which has no request");
        }
        return PromptCodec.decode(value, new MapLimits(limits.labels(), limits.labelBytes()));
    }

    /** Decodes what an admitted event asks for, for its failure; empty if that cannot be decoded. */
    static Optional<PromptRequest> requestIfReadable(KafkaEvent event, RequestLimits limits) {
        try {
            return Optional.of(request(event, limits));
        } catch (RequestException e) {
            return Optional.empty();
        }
    }

    private static RequestId ofTombstone(byte @Nullable [] key) {
        if (key == null) {
            throw invalid("the record has neither key nor value; to cancel a request, use its request_id as the key");
        }
        try {
            return valid(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString());
        } catch (CharacterCodingException e) {
            throw invalid(
                    "the key " + shown(key) + " is not UTF-8; to cancel a request, use its request_id as the key");
        }
    }

    private static RequestId valid(String requestId) {
        try {
            return new RequestId(requestId);
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static String shown(byte[] key) {
        int length = Math.min(key.length, SHOWN_BYTES);
        return "0x" + HexFormat.of().formatHex(key, 0, length) + (key.length > SHOWN_BYTES ? "…" : "");
    }

    private static RequestException invalid(String message) {
        return new RequestException(FailureCode.INVALID_EVENT, "admit", message);
    }
}
