package io.zoetrope.flink;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The offsets at which a job that restores no state starts to read. Flink calls this class for such a job only, so this
 * class can refuse a start that would lose prompts: one whose consumer group has committed offsets. They were committed
 * with a checkpoint, and they are past the requests that were in flight then; only that checkpoint holds those requests.
 * A job that starts from the offsets without the checkpoint never answers them.
 *
 * <p>Whether the topic still has the prompts at these offsets is the question of {@link UnreadPrompts}.
 */
@SuppressWarnings("deprecation") // Kafka deprecates the enum, but the connector requires it
final class StartingOffsets implements OffsetsInitializer {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(StartingOffsets.class);

    private final String group;
    private final boolean startFresh;

    /**
     * Creates the offsets: the committed offsets of a group, or the beginning of a partition that has none.
     *
     * @param group the consumer group
     * @param startFresh whether a start without state is allowed though the group has committed offsets
     */
    StartingOffsets(String group, boolean startFresh) {
        this.group = group;
        this.startFresh = startFresh;
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

    /** Makes a reader fail whose offset the topic does not have. It must not go on elsewhere in silence. */
    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return OffsetResetStrategy.NONE;
    }
}
