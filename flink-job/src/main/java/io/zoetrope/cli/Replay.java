package io.zoetrope.cli;

import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The prompt that repeats a failed one.
 *
 * <p>It needs another request id: the job answers each id once, and drops a second prompt with it. The new id follows from
 * the old one ({@code order-17}, {@code order-17~1}, {@code order-17~2}), so a replay that is repeated, because it was
 * interrupted or by mistake, publishes the same ids again, and the job answers each of them once. The seed is that of the
 * first prompt, so the video is the one that it asked for; the label {@code replay_of} has its id.
 *
 * @param request the prompt to publish; null if the failed one cannot be repeated
 * @param reason why it cannot be repeated; null if it can
 */
record Replay(@Nullable PromptRequest request, @Nullable String reason) {
    /** The label with the id of the first prompt. */
    static final String LABEL = "replay_of";

    private static final Pattern REPEATED = Pattern.compile("(.+)~([1-9]\\d{0,5})", Pattern.DOTALL);

    /** Returns the id of the prompt that repeats a prompt. */
    static String nextId(String requestId) {
        Matcher repeated = REPEATED.matcher(requestId);
        return repeated.matches()
                ? repeated.group(1) + "~" + (Integer.parseInt(repeated.group(2)) + 1)
                : requestId + "~1";
    }

    /**
     * Returns the prompt that repeats a failed one.
     *
     * @param records decodes the event in the failure
     * @param now a prompt whose deadline has passed is not repeated
     */
    static Replay of(FailedPrompt failure, RecordReader records, Instant now) {
        ByteBuffer value = failure.getValue();
        if (value == null) {
            return refused("the failure does not contain the event");
        }
        byte[] event = new byte[value.remaining()];
        value.duplicate().get(event);
        try {
            return of(PromptCodec.decode(records.singleObject(RecordCodec.PROMPT_EVENT, event)), now);
        } catch (MalformedRecordException | RequestException e) {
            return refused("its event cannot be read (" + e.getMessage() + ")");
        }
    }

    private static Replay of(PromptRequest failed, Instant now) {
        Optional<Instant> deadline = failed.deadline();
        if (deadline.isPresent() && !now.isBefore(deadline.get())) {
            return refused("its deadline " + deadline.get() + " has passed");
        }
        String id = nextId(failed.requestId());
        try {
            long seed = failed.seed().orElse(Seed.derive(new RequestId(failed.requestId())));
            var unused = new RequestId(id);
            return new Replay(repeated(failed, id, seed), null);
        } catch (IllegalArgumentException e) {
            return refused("the new id " + id + " is not valid (" + e.getMessage() + ")");
        }
    }

    private static PromptRequest repeated(PromptRequest failed, String id, long seed) {
        Map<String, String> labels = new LinkedHashMap<>(failed.labels());
        labels.putIfAbsent(LABEL, failed.requestId());
        return new PromptRequest(
                id,
                failed.text(),
                Optional.of(seed),
                failed.model(),
                failed.steps(),
                failed.width(),
                failed.height(),
                failed.frames(),
                failed.firstFrame(),
                failed.deadline(),
                labels,
                failed.createdAt());
    }

    private static Replay refused(String reason) {
        return new Replay(null, reason);
    }
}
