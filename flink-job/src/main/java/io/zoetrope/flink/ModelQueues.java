package io.zoetrope.flink;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.fair.FairQueue;
import io.zoetrope.fair.FairRules;
import io.zoetrope.fair.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToIntFunction;

/**
 * The requests of one slot, with a queue for each model. A model's requests wait for that model only: the first request
 * of an idle model starts, however many wait for a busy one, until the {@link WaitingRoom} is full and nothing is read.
 * Tenants share each model.
 */
final class ModelQueues {
    /** By the id of the model's version: see {@link EngineSet.Served}. */
    private final Map<String, ModelQueue> queues = new LinkedHashMap<>();

    /**
     * Creates queues without requests.
     *
     * @param useful returns how many requests in flight keep the engine of a model busy, by its id
     */
    ModelQueues(EngineSet engines, FairRules rules, ToIntFunction<String> useful) {
        for (EngineSet.Served model : engines.served()) {
            queues.put(
                    model.id(),
                    new ModelQueue(rules, model.engine().inFlightPerSlot(), () -> useful.applyAsInt(model.id())));
        }
    }

    /** Returns the queue of a model. */
    ModelQueue of(EngineSet.Served model) {
        return Objects.requireNonNull(queues.get(model.id()));
    }

    /** Returns the queue for a request that cannot be answered, and fails when its turn comes. */
    ModelQueue first() {
        return queues.values().iterator().next();
    }

    /** Calls {@code action} with the id and the queue of each model. */
    void forEach(BiConsumer<String, FairQueue> action) {
        queues.forEach((model, queue) -> action.accept(model, queue.queue()));
    }

    /** Returns the sum of a value over the models. */
    double sum(ToDoubleBiFunction<String, FairQueue> value) {
        return queues.entrySet().stream()
                .mapToDouble(entry ->
                        value.applyAsDouble(entry.getKey(), entry.getValue().queue()))
                .sum();
    }

    /** Returns the number of waiting requests. */
    int size() {
        return all().stream().mapToInt(FairQueue::size).sum();
    }

    /** Returns the number of tenants that have requests; one that has requests of several models counts for each. */
    int tenants() {
        return all().stream().mapToInt(FairQueue::tenants).sum();
    }

    /** Returns the number of waiting requests of a tenant. */
    int waitingOf(String tenant) {
        return all().stream().mapToInt(queue -> queue.waitingOf(tenant)).sum();
    }

    /** Removes a waiting request. */
    void remove(Waiting request) {
        all().forEach(queue -> queue.remove(request));
    }

    /** Removes and returns the requests whose deadlines have passed. */
    List<Waiting> takeExpired(Instant now) {
        return all().stream().flatMap(queue -> queue.takeExpired(now).stream()).toList();
    }

    /** Returns the earliest deadline of the waiting requests. */
    Optional<Instant> nextDeadline() {
        return all().stream().flatMap(queue -> queue.nextDeadline().stream()).min(Comparator.naturalOrder());
    }

    /** Removes and returns a request that may start; empty if none may, of any model. */
    Optional<Waiting> poll(Instant now) {
        for (ModelQueue queue : queues.values()) {
            Optional<Waiting> next = queue.poll(now);
            if (next.isPresent()) {
                return next;
            }
        }
        return Optional.empty();
    }

    /** Counts a request as answered. */
    void end(KafkaEvent event, Duration deviceTime) {
        queues.values().forEach(queue -> queue.end(event, deviceTime));
    }

    private Collection<FairQueue> all() {
        return queues.values().stream().map(ModelQueue::queue).toList();
    }
}
