package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema.KafkaSinkContext;
import org.junit.jupiter.api.Test;

class AnswerSerializerTest {
    private static final KafkaSinkContext CONTEXT = new KafkaSinkContext() {
        @Override
        public int getParallelInstanceId() {
            return 0;
        }

        @Override
        public int getNumberOfParallelInstances() {
            return 1;
        }

        @Override
        public int[] getPartitionsForTopic(String topic) {
            return new int[] {0};
        }
    };

    private final AnswerSerializer serializer = new AnswerSerializer("videos", "failures");

    @Test
    void eachKindGoesToItsTopicWithKeyValueAndHeaders() {
        var video = serializer.serialize(
                new KafkaAnswer(KafkaAnswer.Kind.VIDEO, new byte[] {1}, new byte[] {2}, List.of()), CONTEXT, null);
        var failure = serializer.serialize(
                new KafkaAnswer(
                        KafkaAnswer.Kind.FAILURE, null, new byte[] {3}, List.of(KafkaHeader.of("stage", "admit"))),
                CONTEXT,
                5L);

        assertThat(video.topic()).isEqualTo("videos");
        assertThat(video.key()).containsExactly(1);
        assertThat(video.value()).containsExactly(2);
        assertThat(failure.topic()).isEqualTo("failures");
        assertThat(failure.key()).isNull();
        assertThat(failure.headers().lastHeader("stage").value()).isEqualTo("admit".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void bothTopicsAreListedSoThatTheSinkFindsTransactionsOfAFailedJob() {
        assertThat(serializer.getKafkaDatasetFacet().map(KafkaDatasetFacet::getTopicIdentifier))
                .hasValueSatisfying(topics -> assertThat(topics.getTopics()).containsExactly("videos", "failures"));
    }
}
