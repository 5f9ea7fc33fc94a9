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
 * Converts each answer to a record of its topic.
 *
 * <p>It also lists the topics in advance: the sink uses the list to find open transactions of a failed job. The
 * connector's own builder lists only a fixed topic, and its topic selector keeps the last answers in memory.
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
        return record(answer);
    }

    /** Returns the record of an answer. */
    ProducerRecord<byte[], byte[]> record(KafkaAnswer answer) {
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
