package io.zoetrope.flink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answers of one subtask that are not committed yet, in one group for each checkpoint. */
final class UncommittedAnswers {
    private final Deque<Group> groups = new ArrayDeque<>();
    /** The answers since the last checkpoint; null if there are none. */
    private @Nullable KeptAnswers current;

    /** Returns whether the next answer is the first since the last checkpoint. */
    boolean needsFloor() {
        return current == null;
    }

    /**
     * Begins the group of the next answers.
     *
     * @param floor the ends of the answer topics at a time before the first of these answers
     */
    void begin(List<TopicEnd> floor) {
        current = new KeptAnswers(floor, new ArrayList<>());
    }

    /** Adds an answer to the group that was begun. */
    void add(KafkaAnswer answer) {
        if (current == null) {
            throw new IllegalStateException("no group was begun");
        }
        current.answers().add(answer);
    }

    /** Ends the current group: its answers belong to this checkpoint. */
    void checkpoint(long checkpointId) {
        if (current != null) {
            groups.add(new Group(checkpointId, current));
            current = null;
        }
    }

    /**
     * Drops the answers of all checkpoints up to the given one.
     *
     * @return whether there were any
     */
    boolean committed(long checkpointId) {
        return groups.removeIf(group -> group.checkpointId() <= checkpointId);
    }

    /** Returns the answers of all checkpoints. */
    List<KeptAnswers> all() {
        return groups.stream().map(Group::answers).toList();
    }

    private record Group(long checkpointId, KeptAnswers answers) {}
}
