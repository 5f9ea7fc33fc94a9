package io.zoetrope.cli;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What came back for a request. */
sealed interface Answer {
    /** Whose it is; null where the event could not be read. */
    @Nullable
    String requestId();

    /** What is made of it, whichever it is. (A switch over types is only a preview in Java 17.) */
    <T> T match(Function<Clip, T> clip, Function<Refusal, T> refusal, Function<Missing, T> missing);

    /**
     * A whole video.
     *
     * @param last its last segment, for everything but the bytes
     * @param file a playable MP4
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares answers
    record Clip(VideoSegment last, byte[] file) implements Answer {
        @Override
        public String requestId() {
            return last.getRequestId();
        }

        @Override
        public <T> T match(Function<Clip, T> clip, Function<Refusal, T> refusal, Function<Missing, T> missing) {
            return clip.apply(this);
        }
    }

    /**
     * A failure.
     *
     * @param record as it was published
     */
    record Refusal(FailedPrompt record) implements Answer {
        @Override
        public @Nullable String requestId() {
            return record.getRequestId();
        }

        @Override
        public <T> T match(Function<Clip, T> clip, Function<Refusal, T> refusal, Function<Missing, T> missing) {
            return refusal.apply(this);
        }
    }

    /**
     * Nothing came.
     *
     * @param requestId whose answer it was to be
     * @param reason why nothing can come any more
     */
    record Missing(String requestId, String reason) implements Answer {
        @Override
        public <T> T match(Function<Clip, T> clip, Function<Refusal, T> refusal, Function<Missing, T> missing) {
            return missing.apply(this);
        }
    }
}
