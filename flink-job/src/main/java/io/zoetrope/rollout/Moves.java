package io.zoetrope.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All moves of a rollouts topic, in the order of the topic. The version that answers a prompt is a function of this log
 * and of the prompt's time. So a prompt that is repeated after a failure, in whatever slot, is answered by the same
 * version; and a prompt that waits while its model moves is answered by the version of the time at which it was sent.
 *
 * @param log the moves, the oldest first
 */
public record Moves(List<Move> log) {
    /** No moves: the first bundle of each name answers. */
    public static final Moves NONE = new Moves(List.of());

    public Moves {
        log = List.copyOf(log);
    }

    /** Returns the target that a name has at a time; empty if it was never moved, or is moved back to the first bundle. */
    public Optional<String> target(String name, Instant at) {
        for (int i = log.size() - 1; i >= 0; i--) {
            Move move = log.get(i);
            if (move.name().equals(name) && !move.from().isAfter(at)) {
                return move.target();
            }
        }
        return Optional.empty();
    }

    /** Returns the newest move of a name; empty if there is none. */
    public Optional<Move> newest(String name) {
        return before(log.size(), name);
    }

    /**
     * Returns the target that undoes the newest move of a name: the one that it had before.
     *
     * @return empty if the name had no target before, so the first bundle answers again
     */
    public Optional<String> previousTarget(String name) {
        int newest = newest(name).map(log::lastIndexOf).orElse(0);
        return before(newest, name).flatMap(Move::target);
    }

    private Optional<Move> before(int end, String name) {
        for (int i = end - 1; i >= 0; i--) {
            if (log.get(i).name().equals(name)) {
                return Optional.of(log.get(i));
            }
        }
        return Optional.empty();
    }
}
