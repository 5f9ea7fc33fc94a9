package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Failure;
import io.zoetrope.publish.Video;
import io.zoetrope.wire.OutcomeCodec;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns outcomes into records that their topics take: one that is too large would fail the sink, and again on every
 * replay.
 */
final class AnswerWriter implements Serializable {
    private static final long serialVersionUID = 1L;
    /** More than Kafka adds to one record: batch header 61 bytes, record header 21, a few for each header's lengths. */
    private static final int RECORD_OVERHEAD = 256;
    /** Longer messages quote what came in; this much of it tells enough. */
    private static final int MESSAGE_LIMIT = 1000;

    private final long maxBytes;
    private final InstantSource clock;

    /**
     * Writes for topics of one limit.
     *
     * @param maxBytes of one record, with everything that Kafka adds
     * @param clock serializable, for the time of failures
     */
    AnswerWriter(long maxBytes, InstantSource clock) {
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /**
     * The records of an event's video, in order, each with the event's trace.
     *
     * @throws RequestException PAYLOAD_TOO_LARGE if one of them is too large
     */
    List<KafkaAnswer> video(KafkaEvent event, Video video) {
        byte[] key = video.prompt().requestId().value().getBytes(StandardCharsets.UTF_8);
        List<KafkaAnswer> answers = new ArrayList<>();
        for (byte[] record : OutcomeCodec.encode(video)) {
            KafkaAnswer answer = new KafkaAnswer(KafkaAnswer.Kind.VIDEO, key, record, event.trace());
            if (size(answer) > maxBytes) {
                throw new RequestException(
                        FailureCode.PAYLOAD_TOO_LARGE,
                        "publish",
                        "segment " + answers.size() + " takes " + size(answer) + " bytes, a record may have " + maxBytes
                                + "; raise max-payload-bytes and the topic's max.message.bytes, or choose another codec");
            }
            answers.add(answer);
        }
        return answers;
    }

    /**
     * Returns the record of a failure, with the key and the trace of the event.
     *
     * @param request what the event asks for, whose id and labels the failure repeats; empty if the event was not admitted
     */
    KafkaAnswer failure(KafkaEvent event, Optional<PromptRequest> request, RequestException fault) {
        Failure failure = new Failure(
                request.map(PromptRequest::requestId).map(RequestId::new),
                fault.code(),
                fault.stage(),
                shortened(String.valueOf(fault.getMessage())),
                event.origin(),
                1,
                request.map(PromptRequest::labels).orElse(Map.of()),
                clock.instant());
        KafkaAnswer answer = answer(event, failure);
        if (size(answer) > maxBytes) {
            answer = answer(event, withoutEvent(failure));
        }
        return size(answer) > maxBytes ? answer(bare(event), withoutKey(withoutEvent(failure))) : answer;
    }

    /** Where event and labels together outgrow a record, their place in the source topic must do. */
    private static Failure withoutEvent(Failure failure) {
        Origin origin = failure.origin();
        return new Failure(
                failure.requestId(),
                failure.code(),
                failure.stage(),
                failure.message() + " (the event's value and labels are left out, for they are too large for this"
                        + " record; read them at the source offset)",
                new Origin(origin.topic(), origin.partition(), origin.offset(), origin.key(), Optional.empty()),
                failure.attempts(),
                Map.of(),
                failure.failedAt());
    }

    /** What is left is ours, and bounded: texts of limited length, which the least max-payload-bytes has room for. */
    private static Failure withoutKey(Failure failure) {
        Origin origin = failure.origin();
        return new Failure(
                failure.requestId(),
                failure.code(),
                failure.stage(),
                failure.message(),
                new Origin(origin.topic(), origin.partition(), origin.offset(), Optional.empty(), Optional.empty()),
                failure.attempts(),
                failure.labels(),
                failure.failedAt());
    }

    /** Where key and trace outgrow a record too. */
    private static KafkaEvent bare(KafkaEvent event) {
        return new KafkaEvent(event.topic(), event.partition(), event.offset(), null, null, List.of(), null);
    }

    private static KafkaAnswer answer(KafkaEvent event, Failure failure) {
        List<KafkaHeader> headers = new ArrayList<>(event.trace());
        headers.add(KafkaHeader.of("__connect.errors.topic", event.topic()));
        headers.add(KafkaHeader.of("__connect.errors.partition", Integer.toString(event.partition())));
        headers.add(KafkaHeader.of("__connect.errors.offset", Long.toString(event.offset())));
        headers.add(KafkaHeader.of("__connect.errors.stage", failure.stage()));
        headers.add(KafkaHeader.of("__connect.errors.exception.message", failure.message()));
        return new KafkaAnswer(KafkaAnswer.Kind.FAILURE, event.key(), OutcomeCodec.encode(failure), headers);
    }

    private static long size(KafkaAnswer answer) {
        byte[] key = answer.key();
        long size = (long) RECORD_OVERHEAD + answer.value().length + (key == null ? 0 : key.length);
        for (KafkaHeader header : answer.headers()) {
            size += header.name().length() + header.value().length;
        }
        return size;
    }

    private static String shortened(String message) {
        if (message.length() <= MESSAGE_LIMIT) {
            return message;
        }
        int end = Character.isHighSurrogate(message.charAt(MESSAGE_LIMIT - 1)) ? MESSAGE_LIMIT - 1 : MESSAGE_LIMIT;
        return message.substring(0, end) + "…";
    }
}
