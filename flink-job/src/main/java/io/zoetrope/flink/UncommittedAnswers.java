package io.zoetrope.flink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one subtask that are not committed yet, in one group for each checkpoint. Used by the task's thread,
 * except for {@link #size} and {@link #since}.
 */
final class UncommittedAnswers {
    private final KeptBytes bytes;
    private final Deque<Group> groups = new ArrayDeque<>();
    /** The answers since the last checkpoint; null if there are none. */
    private @Nullable Group current;

    private volatile int size;
    private volatile long since = Long.MAX_VALUE;

    /**
     * Creates an empty collection.
     *
     * @param bytes counts the size of the answers, and limits it
     */
    UncommittedAnswers(KeptBytes bytes) {
        this.bytes = bytes;
    }

    /** Returns whether the next answer is the first since the last checkpoint. */
    boolean needsFloor() {
        return current == null;
    }

    /**
     * Begins the group of the next answers.
     *
     * @param floor the ends of the answer topics at a time before the first of these answers
     * @param now the time, in milliseconds since 1970
     */
    void begin(List<TopicEnd> floor, long now) {
        current = new Group(Long.MAX_VALUE, now, new KeptAnswers(floor, new ArrayList<>()));
        publish();
    }

    /**
     * Adds an answer to the group that was begun.
     *
     * @throws IllegalStateException if the answers of this process become larger than their limit
     */
    void add(KeptAnswer answer) {
        if (current == null) {
            throw new IllegalStateException("no group was begun");
        }
        bytes.add(answer.answer());
        current.kept().answers().add(answer);
        publish();
    }

    /** Ends the current group: its answers belong to this checkpoint. */
    void checkpoint(long checkpointId) {
        if (current != null) {
            groups.add(new Group(checkpointId, current.since(), current.kept()));
            current = null;
        }
    }

    /** Drops the answers of all checkpoints up to the given one, and returns them. */
    List<KeptAnswer> committed(long checkpointId) {
        List<KeptAnswer> committed = new ArrayList<>();
        while (!groups.isEmpty() && groups.getFirst().checkpointId() <= checkpointId) {
            committed.addAll(groups.removeFirst().kept().answers());
        }
        committed.forEach(answer -> bytes.remove(answer.answer()));
        publish();
        return committed;
    }

    /** Drops all answers. */
    void clear() {
        checkpoint(Long.MAX_VALUE);
        committed(Long.MAX_VALUE);
    }

    /** Returns the answers of all checkpoints. */
    List<KeptAnswers> all() {
        return groups.stream().map(Group::kept).toList();
    }

    /** Returns the number of answers. Any thread may call this method. */
    int size() {
        return size;
    }

    /**
     * Returns the time since which the oldest answers are not committed, in milliseconds since 1970; {@link
     * Long#MAX_VALUE} if there are none. Any thread may call this method.
     */
    long since() {
        return since;
    }

    private void publish() {
        Group open = current;
        int inCheckpoints =
                groups.stream().mapToInt(group -> group.kept().answers().size()).sum();
        size = inCheckpoints + (open == null ? 0 : open.kept().answers().size());
        since = !groups.isEmpty() ? groups.getFirst().since() : open != null ? open.since() : Long.MAX_VALUE;
    }

    private record Group(long checkpointId, long since, KeptAnswers kept) {}
}
