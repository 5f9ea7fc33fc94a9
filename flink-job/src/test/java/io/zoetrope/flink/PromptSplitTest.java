package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class PromptSplitTest {
    private static final KafkaPartitionSplit SPLIT = new KafkaPartitionSplit(new TopicPartition("prompts", 3), 7);

    private final PromptSplit.Serializer serializer = new PromptSplit.Serializer();

    @Test
    void theIdOfTheTopicIsKeptInState() throws Exception {
        Uuid id = new Uuid(1, 2);

        KafkaPartitionSplit read =
                serializer.deserialize(serializer.getVersion(), serializer.serialize(new PromptSplit(SPLIT, id)));

        assertThat(read).isEqualTo(SPLIT);
        assertThat(read)
                .isInstanceOfSatisfying(
                        PromptSplit.class, split -> assertThat(split.topicId()).isEqualTo(id));
    }

    @Test
    void aSplitThatNoReaderHasOpenedHasNoId() throws Exception {
        KafkaPartitionSplit read = serializer.deserialize(serializer.getVersion(), serializer.serialize(SPLIT));

        assertThat(read).isEqualTo(SPLIT).isNotInstanceOf(PromptSplit.class);
    }

    @Test
    void stateOfRelease010IsRead() throws Exception {
        var connector = new KafkaPartitionSplitSerializer();

        KafkaPartitionSplit read = serializer.deserialize(connector.getVersion(), connector.serialize(SPLIT));

        assertThat(read).isEqualTo(SPLIT);
    }
}
