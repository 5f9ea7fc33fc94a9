package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class UnreadPromptsTest {
    private static final Uuid ID = new Uuid(1, 2);
    private static final Uuid OTHER_ID = new Uuid(3, 4);
    private static final TopicPartition PARTITION = new TopicPartition("prompts", 3);

    private final AtomicLong deleted = new AtomicLong();

    @Test
    void offsetsThatTheTopicHasAreKept() {
        for (long offset : new long[] {10, 15, 20}) {
            assertThat(readAt(split(offset, ID), false, false)).isEqualTo(offset);
        }
        assertThat(readAt(new KafkaPartitionSplit(PARTITION, 12), false, false)).isEqualTo(12);
        assertThat(deleted).hasValue(0);
    }

    @Test
    void aPartitionThatIsDiscoveredLaterIsReadFromItsBeginning() {
        assertThat(readAt(new KafkaPartitionSplit(PARTITION, KafkaPartitionSplit.EARLIEST_OFFSET), false, false))
                .isEqualTo(10);
        assertThat(deleted).hasValue(0);
    }

    @Test
    void deletedRecordsFailTheJobForGoodWithPartitionCountAndOffsets() {
        assertThatThrownBy(() -> readAt(split(4, ID), true, false))
                .isInstanceOf(SuppressRestartsException.class)
                .hasRootCauseMessage("the topic deleted 6 records before the job read them (prompts-3: offsets 4 to 9);"
                        + " raise the topic's retention, and give --skip-deleted-prompts true to continue without"
                        + " them");
        assertThat(deleted).hasValue(0);
    }

    @Test
    void deletedRecordsAreSkippedAndCountedIfTheOperatorAllowsIt() {
        assertThat(readAt(split(4, ID), false, true)).isEqualTo(10);
        assertThat(deleted).hasValue(6);
    }

    @Test
    void aTopicWithAnotherIdIsNotReadAtTheOldOffset() {
        assertThatThrownBy(() -> readAt(split(15, OTHER_ID), false, false))
                .isInstanceOf(SuppressRestartsException.class)
                .hasRootCauseMessage("the topic prompts was deleted and created again, as AAAAAAAAAAEAAAAAAAAAAg, since"
                        + " the job read prompts-3 to offset 15; prompts of the deleted topic that the job had not read"
                        + " are lost; give --start-fresh true or --skip-deleted-prompts true to read the new topic from"
                        + " its beginning");
        assertThat(readAt(split(15, OTHER_ID), true, false)).isEqualTo(10);
        assertThat(readAt(split(15, OTHER_ID), false, true)).isEqualTo(10);
    }

    @Test
    void anOffsetPastTheEndIsThatOfAnotherTopic() {
        assertThatThrownBy(() -> readAt(new KafkaPartitionSplit(PARTITION, 21), false, false))
                .hasRootCauseMessage("the topic prompts was deleted and created again, as AAAAAAAAAAEAAAAAAAAAAg, since"
                        + " the job read prompts-3 to offset 21; prompts of the deleted topic that the job had not read"
                        + " are lost; give --start-fresh true or --skip-deleted-prompts true to read the new topic from"
                        + " its beginning");
    }

    /** Returns the offset at which a reader starts in a topic that has the records 10 to 19. */
    private long readAt(KafkaPartitionSplit split, boolean startFresh, boolean skipDeleted) {
        var topic = new PromptsTopic(ID, Map.of(PARTITION, 10L), Map.of(PARTITION, 20L));
        return new UnreadPrompts("prompts", startFresh, skipDeleted)
                .readable(List.of(split), topic, deleted::addAndGet)
                .get(0)
                .getStartingOffset();
    }

    private static KafkaPartitionSplit split(long offset, Uuid topicId) {
        return new PromptSplit(new KafkaPartitionSplit(PARTITION, offset), topicId);
    }
}
