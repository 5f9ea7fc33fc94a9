package io.zoetrope.flink;

import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Puts each answer on its topic.
 *
 * <p>It names the topics ahead, for the sink finds the transactions of a job that died by them. The connector's own
 * builder would do so for a fixed topic only, and its topic selector keeps the last answers in memory.
 */
final class AnswerSerializer implements KafkaRecordSerializationSchema<KafkaAnswer>, KafkaDatasetFacetProvider {
    private static final long serialVersionUID = 1L;

    private final String videosTopic;
    private final String failuresTopic;

    AnswerSerializer(String videosTopic, String failuresTopic) {
        this.videosTopic = videosTopic;
        this.failuresTopic = failuresTopic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            KafkaAnswer answer, KafkaSinkContext context, @Nullable Long timestamp) {
        String topic = switch (answer.kind()) {
            case VIDEO -> videosTopic;
            case FAILURE -> failuresTopic;
        };
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, answer.key(), answer.value());
        answer.headers().forEach(header -> record.headers().add(header.name(), header.value()));
        return record;
    }

    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
        return Optional.of(new DefaultKafkaDatasetFacet(
                DefaultKafkaDatasetIdentifier.ofTopics(List.of(videosTopic, failuresTopic))));
    }
}
