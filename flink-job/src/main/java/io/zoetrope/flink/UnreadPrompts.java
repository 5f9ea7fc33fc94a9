package io.zoetrope.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the offsets at which a reader starts with the topic, and finds prompts that are gone unread, in two cases:
 *
 * <ul>
 *   <li>The first record that is left is after the offset: retention deleted the records between.
 *   <li>The topic was deleted and created again: it has another id, or the offset is past its end. At such an offset,
 *       the reader would miss every prompt of the new topic before it.
 * </ul>
 *
 * <p>Both fail the job for good, because a restart meets the same topic, unless the operator allows to go on. Then the
 * reader starts at the first record that is left.
 *
 * @param topic the prompts topic
 * @param startFresh whether the job may read a topic from its beginning that was created again
 * @param skipDeleted the same, and whether it may skip deleted records
 */
record UnreadPrompts(String topic, boolean startFresh, boolean skipDeleted) implements Serializable {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadPrompts.class);

    /**
     * Returns the splits at offsets that the topic has.
     *
     * @param deleted gets the number of records that retention deleted unread, if there are any
     * @throws SuppressRestartsException if prompts are gone and the operator does not allow to go on without them
     */
    List<KafkaPartitionSplit> readable(List<KafkaPartitionSplit> splits, PromptsTopic kafka, LongConsumer deleted) {
        boolean created = isCreatedAgain(splits, kafka);
        if (created) {
            requireAllowed(
                    startFresh || skipDeleted,
                    "the topic " + topic + " was deleted and created again, as " + kafka.id() + ", since the job read "
                            + offsets(splits) + "; prompts of the deleted topic that the job had not read are lost",
                    "give --start-fresh true or --skip-deleted-prompts true to read the new topic from its beginning");
        } else {
            requireNoneDeleted(splits, kafka, deleted);
        }
        return splits.stream()
                .map(split -> at(
                        split,
                        created
                                ? kafka.beginningOf(split.getTopicPartition())
                                : Math.max(split.getStartingOffset(), kafka.beginningOf(split.getTopicPartition()))))
                .toList();
    }

    private static boolean isCreatedAgain(List<KafkaPartitionSplit> splits, PromptsTopic kafka) {
        return splits.stream()
                .anyMatch(split -> split.getStartingOffset() > kafka.endOf(split.getTopicPartition())
                        || (split instanceof PromptSplit read && !read.topicId().equals(kafka.id())));
    }

    private void requireNoneDeleted(List<KafkaPartitionSplit> splits, PromptsTopic kafka, LongConsumer deleted) {
        List<String> gaps = new ArrayList<>();
        long count = 0;
        for (KafkaPartitionSplit split : splits) {
            long next = split.getStartingOffset();
            long first = kafka.beginningOf(split.getTopicPartition());
            // The connector marks "from the beginning" of a partition that it has just discovered by a negative offset.
            if (next >= 0 && next < first) {
                count += first - next;
                gaps.add(split.getTopicPartition() + ": offsets " + next + " to " + (first - 1));
            }
        }
        if (count > 0) {
            requireAllowed(
                    skipDeleted,
                    "the topic deleted " + count + " records before the job read them (" + String.join("; ", gaps)
                            + ")",
                    "raise the topic's retention, and give --skip-deleted-prompts true to continue without them");
            deleted.accept(count);
        }
    }

    private static void requireAllowed(boolean allowed, String fact, String remedy) {
        if (!allowed) {
            throw new SuppressRestartsException(new IllegalStateException(fact + "; " + remedy));
        }
        LOG.warn("prompts are skipped, as the options allow: {}", fact);
    }

    private static KafkaPartitionSplit at(KafkaPartitionSplit split, long offset) {
        return new KafkaPartitionSplit(
                split.getTopicPartition(),
                offset,
                split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
    }

    private static String offsets(List<KafkaPartitionSplit> splits) {
        List<String> offsets = new ArrayList<>();
        for (KafkaPartitionSplit split : splits) {
            TopicPartition partition = split.getTopicPartition();
            offsets.add(partition + " to offset " + split.getStartingOffset());
        }
        return String.join(", ", offsets);
    }
}
