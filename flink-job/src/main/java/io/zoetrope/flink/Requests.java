package io.zoetrope.flink;

import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.PromptRequest;
import java.time.Duration;
import java.util.Optional;

/** The bookkeeping of the requests that {@link Generate} runs. Called on the task's thread. */
interface Requests {
    /** Counts nothing, where an operator runs this function without a waiting room. */
    Requests UNCOUNTED = new Requests() {
        @Override
        public Optional<PromptRequest> decoded(KafkaEvent event) {
            return Optional.empty();
        }

        @Override
        public Duration started(KafkaEvent event, PromptRequest request, EngineSet.Served model) {
            return Duration.ZERO;
        }

        @Override
        public void answered(KafkaEvent event, Duration deviceTime) {}

        @Override
        public void later(Duration delay, Runnable action) {}
    };

    /** Returns the request of an event if it is decoded already. */
    Optional<PromptRequest> decoded(KafkaEvent event);

    /** Counts a request that starts. Returns how far it goes ahead: see {@link Engine#generate}. */
    Duration started(KafkaEvent event, PromptRequest request, EngineSet.Served model);

    /**
     * Counts a request as answered.
     *
     * @param deviceTime the request's part of the time that the devices worked for it; zero if it is unknown
     */
    void answered(KafkaEvent event, Duration deviceTime);

    /** Runs an action on the task's thread after a delay. */
    void later(Duration delay, Runnable action);
}
