package io.zoetrope.flink;

import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Moves that a test makes, in place of the topic. */
record PlannedMoves(String id) implements RolloutsTopic {
    private static final Map<String, Moves> MOVES = new ConcurrentHashMap<>();

    PlannedMoves() {
        this(UUID.randomUUID().toString());
    }

    void set(Move... moves) {
        MOVES.put(id, new Moves(List.of(moves)));
    }

    @Override
    public View open() {
        return () -> MOVES.getOrDefault(id, Moves.NONE);
    }
}
