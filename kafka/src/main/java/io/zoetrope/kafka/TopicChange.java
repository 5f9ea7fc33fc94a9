package io.zoetrope.kafka;

import java.util.List;

/**
 * What {@link TopicProvisioner#apply} did to one topic.
 *
 * @param topic the topic's name
 * @param action whether it was made, changed or left as it was
 * @param repaired the drift that is gone
 * @param remaining the drift that stays, for each says what it takes
 */
public record TopicChange(String topic, Action action, List<Drift> repaired, List<Drift> remaining) {
    /** What happened to a topic. */
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
