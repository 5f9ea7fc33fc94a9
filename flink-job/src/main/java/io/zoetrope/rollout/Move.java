package io.zoetrope.rollout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record of the rollouts topic: from a time on, prompts that name {@code name} are answered by {@code target}.
 *
 * @param name the name of a model, or {@link #DEFAULT} for prompts that name no model
 * @param target a version of the model; for {@link #DEFAULT} also the name of a model. Empty undoes all earlier moves of
 *     the name: the first bundle answers again, of the model or of the job
 * @param from the time from which the move counts: prompts with this time or a later one follow it
 */
public record Move(String name, Optional<String> target, Instant from) {
    /** The name that stands for prompts that name no model. */
    public static final String DEFAULT = "default";

    /**
     * The time between the record of a move and its effect. Each slot looks at the topic more often than this, so it has
     * read the move before it meets the first prompt that follows it. Never shorten it: with another value, a job that
     * repeats prompts would answer some of them by another version than before.
     */
    public static final Duration LEAD = Duration.ofSeconds(5);

    /** Throws an {@link IllegalArgumentException} if the name is blank. */
    public Move {
        if (name.isBlank()) {
            throw new IllegalArgumentException("move: expected the name of a model, or " + DEFAULT + ", got a blank");
        }
    }

    /**
     * Reads a record of the topic.
     *
     * @param appended the time at which the broker appended the record
     * @throws IllegalArgumentException if the record has no key
     */
    public static Move read(byte @Nullable [] key, byte @Nullable [] value, Instant appended) {
        if (key == null) {
            throw new IllegalArgumentException(
                    "move: expected the name of a model, or " + DEFAULT + ", as the record's key, got no key");
        }
        return new Move(text(key), Optional.ofNullable(value).map(Move::text), appended.plus(LEAD));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
