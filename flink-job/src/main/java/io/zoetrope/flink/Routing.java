package io.zoetrope.flink;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the model, and its version, that answers a request: by the name in the request, the time of its record, and the
 * moves of the rollouts topic. Used by the task's thread only, except for the count of ignored moves.
 */
final class Routing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Routing.class);

    private final EngineSet engines;
    private final RolloutsTopic.View view;
    private int checked;
    private volatile int ignored;

    Routing(EngineSet engines, RolloutsTopic.View view) {
        this.engines = engines;
        this.view = view;
    }

    /**
     * Returns the version that answers a request.
     *
     * @throws RequestException UNKNOWN_MODEL if the job does not serve it
     */
    EngineSet.Served chosenBy(KafkaEvent event, PromptRequest request) {
        return engines.chosenBy(request, moves(), sent(event));
    }

    /** Returns the version that answers a request; empty if the job does not serve it. */
    Optional<EngineSet.Served> find(KafkaEvent event, PromptRequest request) {
        return engines.find(request, moves(), sent(event));
    }

    /** Returns the number of names whose newest move has a target that the job does not serve. */
    int ignored() {
        return ignored;
    }

    private Moves moves() {
        Moves moves = view.moves();
        if (moves.log().size() > checked) { // the log only grows
            check(moves);
            checked = moves.log().size();
        }
        return moves;
    }

    private void check(Moves moves) {
        List<Move> unknown = moves.log().stream()
                .map(Move::name)
                .distinct()
                .flatMap(name -> moves.newest(name).stream())
                .filter(move -> !engines.canFollow(move))
                .toList();
        unknown.forEach(move -> LOG.warn(
                "the move of {} to {} is ignored: this job serves {}; start it with a bundle of that version, or move {}"
                        + " again",
                move.name(),
                move.target().orElse(""),
                engines.models(),
                move.name()));
        ignored = unknown.size();
    }

    /** Returns the time of a record. State from 0.1.0 does not have it; such prompts were sent before any move. */
    private static Instant sent(KafkaEvent event) {
        return Instant.ofEpochMilli(Objects.requireNonNullElse(event.sentMillis(), 0L));
    }

    @Override
    public void close() {
        view.close();
    }
}
