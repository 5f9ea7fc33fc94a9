package io.zoetrope.kafka;

import java.util.List;

/**
 * The changes that {@link TopicProvisioner#apply} made to a topic.
 *
 * @param topic the topic's name
 * @param action whether the topic was created, changed or left unchanged
 * @param repaired the drift that was repaired
 * @param remaining the drift that remains; {@link Drift#repair} states how to repair it
 */
public record TopicChange(String topic, Action action, List<Drift> repaired, List<Drift> remaining) {
    /** The kind of change that was made to a topic. */
    public enum Action {
        CREATED,
        CHANGED,
        UNCHANGED
    }

    public TopicChange {
        repaired = List.copyOf(repaired);
        remaining = List.copyOf(remaining);
    }

    static TopicChange between(TopicStatus before, TopicStatus after) {
        List<Drift> repaired = before.drift().stream().filter(Drift::repairable).toList();
        Action action = !before.exists() ? Action.CREATED : repaired.isEmpty() ? Action.UNCHANGED : Action.CHANGED;
        return new TopicChange(before.spec().name(), action, repaired, after.drift());
    }
}
