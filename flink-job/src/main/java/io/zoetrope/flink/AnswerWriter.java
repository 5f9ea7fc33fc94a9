package io.zoetrope.flink;

import io.zoetrope.encode.Segment;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Failure;
import io.zoetrope.publish.StoredPayload;
import io.zoetrope.publish.Video;
import io.zoetrope.wire.OutcomeCodec;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Encodes videos and failures as records that are not too large for their topics. A record that is too large would fail
 * the sink, and fail it again on every replay.
 */
final class AnswerWriter implements Serializable {
    private static final long serialVersionUID = 1L;
    /** The maximum length of a failure message. Only a message that quotes a long input is longer, and is truncated. */
    private static final int MAX_MESSAGE_LENGTH = 1000;

    private final AnswerFormat format;
    private final InstantSource clock;

    /**
     * Creates a writer.
     *
     * @param format the format of the records
     * @param clock gives the time of a failure; serializable
     */
    AnswerWriter(AnswerFormat format, InstantSource clock) {
        this.format = format;
        this.clock = clock;
    }

    /** Returns the record of one of a video's segments, with its payload, the event's trace headers and those of a CloudEvent. */
    KafkaAnswer segment(KafkaEvent event, Video video, Segment segment) {
        return answer(event, video, segment, OutcomeCodec.encode(video, segment));
    }

    /** Returns the record of one of a video's segments, without its payload, which is stored elsewhere. */
    KafkaAnswer segment(KafkaEvent event, Video video, Segment segment, StoredPayload stored) {
        return answer(event, video, segment, OutcomeCodec.encode(video, segment, stored));
    }

    private KafkaAnswer answer(KafkaEvent event, Video video, Segment segment, byte[] record) {
        byte[] key = video.prompt().requestId().value().getBytes(StandardCharsets.UTF_8);
        List<KafkaHeader> headers = new ArrayList<>(event.trace());
        headers.addAll(
                CloudEvent.segment(format.source(), video, segment.position().index()));
        return new KafkaAnswer(KafkaAnswer.Kind.VIDEO, key, format.framing().segment(record), headers);
    }

    /** Returns whether a record is not too large. */
    boolean fits(KafkaAnswer answer) {
        return size(answer) <= format.maxBytes();
    }

    /** Returns the fault of a request whose segment is too large for a record. */
    RequestException tooLarge(Segment segment, KafkaAnswer answer) {
        return new RequestException(
                FailureCode.PAYLOAD_TOO_LARGE,
                "publish",
                "segment " + segment.position().index() + " has " + size(answer) + " bytes, the limit of a record is "
                        + format.maxBytes()
                        + "; raise max-payload-bytes and the topic's max.message.bytes, set payload-folder, or use"
                        + " another codec");
    }

    /**
     * Returns the record of a failure, with the key and the trace headers of the event. Leaves out the event's bytes if
     * the record would be too large with them.
     *
     * @param request the decoded request, whose id and labels the failure repeats; empty if the event was not admitted
     */
    KafkaAnswer failure(KafkaEvent event, Optional<PromptRequest> request, RequestException fault) {
        Failure failure = new Failure(
                request.map(PromptRequest::requestId).map(RequestId::new).or(event::admittedId),
                fault.code(),
                fault.stage(),
                shortened(String.valueOf(fault.getMessage())),
                event.origin(),
                1,
                request.map(PromptRequest::labels).orElse(Map.of()),
                clock.instant());
        KafkaAnswer answer = answer(event, failure);
        if (size(answer) > format.maxBytes()) {
            answer = answer(event, withoutValue(failure));
        }
        return size(answer) > format.maxBytes()
                ? answer(positionOnly(event), withoutKey(withoutValue(failure)))
                : answer;
    }

    /**
     * Returns the failure without the event's value and the labels, which are too large for a record. The source offset
     * in the failure says where to read them.
     */
    private static Failure withoutValue(Failure failure) {
        String message =
                failure.message() + " (the event's value and labels are left out, because they are too large for"
                        + " this record; read them at the source offset)";
        return copy(failure, message, failure.origin().key(), Map.of());
    }

    /**
     * Returns the failure without the event's key too. The texts that are left have a limited length, and together they
     * fit the least max-payload-bytes.
     */
    private static Failure withoutKey(Failure failure) {
        return copy(failure, failure.message(), Optional.empty(), failure.labels());
    }

    private static Failure copy(Failure failure, String message, Optional<ByteBuffer> key, Map<String, String> labels) {
        Origin origin = failure.origin();
        return new Failure(
                failure.requestId(),
                failure.code(),
                failure.stage(),
                message,
                new Origin(origin.topic(), origin.partition(), origin.offset(), key, Optional.empty()),
                failure.attempts(),
                labels,
                failure.failedAt());
    }

    /** Returns the event with its position only, for a record that has no room for its key and trace. */
    private static KafkaEvent positionOnly(KafkaEvent event) {
        return new KafkaEvent(event.topic(), event.partition(), event.offset(), null, null, List.of(), null);
    }

    private KafkaAnswer answer(KafkaEvent event, Failure failure) {
        List<KafkaHeader> headers = new ArrayList<>(event.trace());
        headers.add(KafkaHeader.of("__connect.errors.topic", event.topic()));
        headers.add(KafkaHeader.of("__connect.errors.partition", Integer.toString(event.partition())));
        headers.add(KafkaHeader.of("__connect.errors.offset", Long.toString(event.offset())));
        headers.add(KafkaHeader.of("__connect.errors.stage", failure.stage()));
        headers.add(KafkaHeader.of("__connect.errors.exception.message", failure.message()));
        headers.addAll(CloudEvent.failure(format.source(), failure));
        byte[] value = format.framing().failure(OutcomeCodec.encode(failure));
        return new KafkaAnswer(KafkaAnswer.Kind.FAILURE, event.key(), value, headers);
    }

    /** Returns the size that Kafka's producer compares with its limit. */
    private static long size(KafkaAnswer answer) {
        Header[] headers = answer.headers().stream()
                .map(header -> new RecordHeader(header.name(), header.value()))
                .toArray(Header[]::new);
        return RecordLimits.size(answer.key(), answer.value(), headers);
    }

    private static String shortened(String message) {
        if (message.length() <= MAX_MESSAGE_LENGTH) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(MAX_MESSAGE_LENGTH - 1))
                ? MAX_MESSAGE_LENGTH - 1
                : MAX_MESSAGE_LENGTH;
        return message.substring(0, end) + "…";
    }
}
