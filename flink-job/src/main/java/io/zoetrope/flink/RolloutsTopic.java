package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.rollout.Moves;
import java.io.Serializable;
import java.util.Optional;
import java.util.Properties;

/** The moves of a job's models. Serialized with the job; each slot opens its own view of them. */
public interface RolloutsTopic extends Serializable {
    /** No moves, for a job without a rollouts topic. */
    RolloutsTopic NONE = () -> () -> Moves.NONE;

    /** One slot's view of the moves. Used by one thread. */
    interface View extends AutoCloseable {
        /** Returns all moves that were recorded up to a time that is less than {@code Move.LEAD} ago. */
        Moves moves();

        @Override
        default void close() {}
    }

    /** Opens a view. */
    View open();

    /** Returns the moves that the options choose. */
    static RolloutsTopic of(JobConfig config) {
        Optional<String> topic = config.get(JobOptions.ROLLOUTS_TOPIC);
        if (topic.isEmpty()) {
            return NONE;
        }
        Properties consumer = KafkaSettings.of(config).consumer();
        String name = topic.get();
        return () -> new KafkaMoves(consumer, name);
    }
}
