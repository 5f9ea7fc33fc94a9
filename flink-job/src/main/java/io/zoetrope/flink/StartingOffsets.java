package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The offsets at which a job that restores no state starts to read. Flink calls this class for such a job only, so this
 * class can refuse a start that would lose prompts, in two cases:
 *
 * <ul>
 *   <li>The consumer group has committed offsets. They were committed with a checkpoint, and they are past the requests
 *       that were in flight then; only that checkpoint holds those requests. A job that starts from the offsets without
 *       the checkpoint never answers them.
 *   <li>The topic has deleted the prompts between the committed offset and the first record that is left.
 * </ul>
 *
 * <p>A restored job reads from the offsets in its state. If the topic has deleted the prompts there, the reset strategy
 * makes the reader fail, or skip to the first record that is left if the operator allows it.
 */
@SuppressWarnings("deprecation") // Kafka deprecates the enum, but the connector requires it
final class StartingOffsets implements OffsetsInitializer {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(StartingOffsets.class);

    private final String group;
    private final boolean startFresh;
    private final boolean skipDeleted;

    /**
     * Creates the offsets: the committed offsets of a group, or the beginning of a partition that has none.
     *
     * @param group the consumer group
     * @param startFresh whether a start without state is allowed though the group has committed offsets
     * @param skipDeleted whether prompts that the topic deleted unread are skipped
     */
    StartingOffsets(String group, boolean startFresh, boolean skipDeleted) {
        this.group = group;
        this.startFresh = startFresh;
        this.skipDeleted = skipDeleted;
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever kafka) {
        Map<TopicPartition, Long> beginning = kafka.beginningOffsets(partitions);
        Map<TopicPartition, Long> committed = new HashMap<>(kafka.committedOffsets(partitions));
        committed.values().removeIf(offset -> offset == null || offset < 0);
        Map<TopicPartition, Long> ends = kafka.endOffsets(partitions);
        requireNotPastTheEnd(committed, ends);
        committed.entrySet().removeIf(offset -> offset.getValue() > ends.getOrDefault(offset.getKey(), 0L));
        if (!committed.isEmpty()) {
            requireStartFresh(committed, beginning);
        }
        Map<TopicPartition, Long> starting = new HashMap<>(beginning);
        starting.putAll(committed);
        requireNoneDeleted(starting, beginning);
        starting.replaceAll((partition, offset) -> Math.max(offset, beginning.getOrDefault(partition, 0L)));
        return starting;
    }

    private void requireStartFresh(Map<TopicPartition, Long> committed, Map<TopicPartition, Long> beginning) {
        long before = committed.entrySet().stream()
                .mapToLong(entry -> Math.max(0, entry.getValue() - beginning.getOrDefault(entry.getKey(), 0L)))
                .sum();
        String fact = "the job found no state to restore, and the consumer group " + group
                + " has run before: it has committed offsets, past " + before + " prompts that the topic still holds";
        if (!startFresh) {
            throw new SuppressRestartsException(new IllegalStateException(fact
                    + "; restore its state (state-folder, or flink run -s), or give --start-fresh true: then prompts"
                    + " that were in flight are never answered, prompts after the offsets may be answered twice, and"
                    + " ./zoetrope audit names both"));
        }
        LOG.warn("start-fresh: {}", fact);
    }

    private void requireNoneDeleted(Map<TopicPartition, Long> starting, Map<TopicPartition, Long> beginning) {
        List<String> gaps = new ArrayList<>();
        long deleted = 0;
        for (Map.Entry<TopicPartition, Long> start : starting.entrySet()) {
            long first = beginning.getOrDefault(start.getKey(), 0L);
            if (start.getValue() < first) {
                deleted += first - start.getValue();
                gaps.add(start.getKey() + ": committed " + start.getValue() + ", first record " + first);
            }
        }
        if (deleted == 0) {
            return;
        }
        String fact =
                "the topic deleted " + deleted + " records before the job read them (" + String.join("; ", gaps) + ")";
        if (!skipDeleted) {
            throw new SuppressRestartsException(new IllegalStateException(fact
                    + "; raise the topic's retention, and give --skip-deleted-prompts true to continue without them"));
        }
        LOG.warn("skip-deleted-prompts: {}", fact);
    }

    /** The group may have read a topic of the same name that was deleted and created again. */
    private void requireNotPastTheEnd(Map<TopicPartition, Long> committed, Map<TopicPartition, Long> ends) {
        for (Map.Entry<TopicPartition, Long> offset : committed.entrySet()) {
            long end = ends.getOrDefault(offset.getKey(), 0L);
            if (offset.getValue() > end && !startFresh) {
                throw new SuppressRestartsException(new IllegalStateException("the consumer group " + group
                        + " has committed offset " + offset.getValue() + " of " + offset.getKey()
                        + ", which ends at " + end
                        + ": the topic was created again; give --start-fresh true to read it from its beginning"));
            }
        }
    }

    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return skipDeleted ? OffsetResetStrategy.EARLIEST : OffsetResetStrategy.NONE;
    }
}
