package io.zoetrope.flink;

import io.zoetrope.encode.Segment;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answer of a request: a video or a failure.
 *
 * @param records its records
 * @param count updates the metrics. It must not refer to the video: the records hold a copy of its bytes, and they may
 *     wait for a slow sink
 * @param deviceTime the request's part of the time that the devices worked for it; zero if it is unknown
 */
record Answer(List<KafkaAnswer> records, Consumer<ModelMetrics> count, Duration deviceTime) {
    private static final Logger LOG = LoggerFactory.getLogger(Answer.class);

    /** Returns the answer with a video. */
    static Answer ofVideo(EngineSet.Served model, Video video, VideoRecords.Made made) {
        int frames = video.segments().stream().mapToInt(Segment::frameCount).sum();
        int batchSize = video.batchSize();
        String id = model.id();
        Timings timings = video.timings();
        List<Duration> writes = made.writes();
        return new Answer(
                made.records(),
                all -> all.video(id, frames, batchSize, timings, writes),
                timings.onDevices().dividedBy(batchSize));
    }

    /**
     * Returns the answer for an exception that ended a request.
     *
     * @throws IllegalStateException if it ends the job, as {@link Diagnosis} decides
     */
    static Answer ofFault(
            AnswerWriter writer,
            KafkaEvent event,
            Optional<PromptRequest> request,
            Optional<EngineSet.Served> model,
            Throwable thrown) {
        RequestException fault = Diagnosis.of(thrown);
        if (fault.getCause() != null) {
            try (RequestLog fields = RequestLog.of(event)) {
                LOG.warn("{} at {}: {}", fault.code(), event.position(), fault.getMessage(), fault);
            }
        }
        return ofFailure(writer, event, request, model, fault);
    }

    /** Returns the answer with a failure. */
    static Answer ofFailure(
            AnswerWriter writer,
            KafkaEvent event,
            Optional<PromptRequest> request,
            Optional<EngineSet.Served> model,
            RequestException fault) {
        FailureCode code = fault.code();
        return new Answer(
                List.of(writer.failure(event, request, fault)), all -> all.failure(model, code), Duration.ZERO);
    }
}
