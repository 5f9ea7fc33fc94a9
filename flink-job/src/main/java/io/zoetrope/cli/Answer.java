package io.zoetrope.cli;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The outcome of a request, as a client sees it. */
sealed interface Answer {
    /** Returns the id of the request; null if the job could not read it from the event. */
    @Nullable
    String requestId();

    /** Applies the function for the type of this answer. A switch over types is only a preview feature in Java 17. */
    <T> T match(Function<Clip, T> clip, Function<Failed, T> failed, Function<Missing, T> missing);

    /**
     * A whole video.
     *
     * @param last the last segment of the video, for its metadata
     * @param file the bytes of a playable MP4 file
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares answers
    record Clip(VideoSegment last, byte[] file) implements Answer {
        @Override
        public String requestId() {
            return last.getRequestId();
        }

        @Override
        public <T> T match(Function<Clip, T> clip, Function<Failed, T> failed, Function<Missing, T> missing) {
            return clip.apply(this);
        }
    }

    /**
     * A failure of the request.
     *
     * @param record the record that the job published
     */
    record Failed(FailedPrompt record) implements Answer {
        @Override
        public @Nullable String requestId() {
            return record.getRequestId();
        }

        @Override
        public <T> T match(Function<Clip, T> clip, Function<Failed, T> failed, Function<Missing, T> missing) {
            return failed.apply(this);
        }
    }

    /**
     * The absence of an answer.
     *
     * @param requestId the id of the request
     * @param reason why the request will not be answered
     */
    record Missing(String requestId, String reason) implements Answer {
        @Override
        public <T> T match(Function<Clip, T> clip, Function<Failed, T> failed, Function<Missing, T> missing) {
            return missing.apply(this);
        }
    }
}
