package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads events far enough to know whose they are and what they ask. Every fault is an INVALID_EVENT. */
final class EventReader {
    private EventReader() {}

    /** Whose event it is: what its value says, with which a key must agree; of a tombstone, what its key says. */
    static RequestId requestId(KafkaEvent event) {
        return event.isTombstone() ? keyed(event) : valid(request(event).requestId());
    }

    /** What an event that is no tombstone asks; its id is valid and agrees with the key. */
    static PromptRequest request(KafkaEvent event) {
        byte[] value = event.value();
        if (value == null) {
            throw new IllegalArgumentException("a tombstone asks for nothing; look before reading");
        }
        PromptRequest request = PromptCodec.decode(value);
        byte[] id = valid(request.requestId()).value().getBytes(StandardCharsets.UTF_8);
        byte[] key = event.key();
        if (key != null && !Arrays.equals(key, id)) {
            throw invalid("the record's key is " + shown(key) + ", its request_id is " + request.requestId()
                    + "; use the request_id in UTF-8 as key, or none");
        }
        return request;
    }

    private static RequestId keyed(KafkaEvent tombstone) {
        byte[] key = tombstone.key();
        if (key == null) {
            throw invalid("the record has neither key nor value; to cancel a request, give its request_id as key");
        }
        try {
            return valid(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString());
        } catch (CharacterCodingException e) {
            throw invalid("the key " + shown(key) + " is no UTF-8; to cancel a request, give its request_id as key");
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
        int most = 32;
        return "0x" + HexFormat.of().formatHex(key, 0, Math.min(key.length, most)) + (key.length > most ? "…" : "");
    }

    private static RequestException invalid(String message) {
        return new RequestException(FailureCode.INVALID_EVENT, "admit", message);
    }
}
