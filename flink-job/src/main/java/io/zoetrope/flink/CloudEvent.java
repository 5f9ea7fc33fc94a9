package io.zoetrope.flink;

import io.zoetrope.prompt.Origin;
import io.zoetrope.publish.Failure;
import io.zoetrope.publish.Video;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The headers that make a record a CloudEvent, in the binary content mode of the Kafka binding. They repeat what the
 * record contains, so a replay that makes the same record makes the same headers; and a consumer that drops a second
 * event of the same source and id drops a repeated answer.
 */
final class CloudEvent {
    /** The types of the events. They are part of the published contract. */
    static final String SEGMENT = "io.zoetrope.video-segment.v1";

    static final String FAILURE = "io.zoetrope.failed-prompt.v1";

    private CloudEvent() {}

    /** Returns the headers of a segment of a video. Its id is unique: the request id, a slash, the segment's index. */
    static List<KafkaHeader> segment(String source, Video video, int index) {
        String request = video.prompt().requestId().value();
        return headers(source, request + "/" + index, SEGMENT, Optional.of(request), video.createdAt());
    }

    /** Returns the headers of a failure. Its id is the request id; the position of an event without a valid one. */
    static List<KafkaHeader> failure(String source, Failure failure) {
        Optional<String> request = failure.requestId().map(id -> id.value());
        String id = request.orElseGet(() -> position(failure.origin()));
        return headers(source, id, FAILURE, request, failure.failedAt());
    }

    private static String position(Origin origin) {
        return origin.topic() + "-" + origin.partition() + "@" + origin.offset();
    }

    private static List<KafkaHeader> headers(
            String source, String id, String type, Optional<String> subject, Instant time) {
        List<KafkaHeader> headers = new ArrayList<>();
        headers.add(KafkaHeader.of("ce_specversion", "1.0"));
        headers.add(KafkaHeader.of("ce_id", id));
        headers.add(KafkaHeader.of("ce_source", source));
        headers.add(KafkaHeader.of("ce_type", type));
        // The record has whole milliseconds.
        headers.add(
                KafkaHeader.of("ce_time", time.truncatedTo(ChronoUnit.MILLIS).toString()));
        subject.ifPresent(value -> headers.add(KafkaHeader.of("ce_subject", value)));
        headers.add(KafkaHeader.of("content-type", "application/avro"));
        return headers;
    }
}
