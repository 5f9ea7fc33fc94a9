package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The Kafka sink of both answer topics. One producer writes both, so that videos and failures commit in one
 * transaction.
 */
public final class AnswerSink {
    private static final long MIN_BUFFER_BYTES = 32L << 20;

    private AnswerSink() {}

    /** Returns the sink, with the delivery guarantee of the options. */
    public static KafkaSink<KafkaAnswer> of(JobConfig config) {
        long maxPayload = config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes();
        Properties producer = new Properties();
        // The payloads are compressed video; a second compression would not make them smaller.
        producer.setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        producer.setProperty(
                ProducerConfig.BUFFER_MEMORY_CONFIG, Long.toString(Math.max(MIN_BUFFER_BYTES, 2 * maxPayload)));
        producer.putAll(KafkaSettings.of(config).producer());
        producer.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Long.toString(maxPayload));
        KafkaSinkBuilder<KafkaAnswer> builder = KafkaSink.<KafkaAnswer>builder()
                .setKafkaProducerConfig(producer)
                .setRecordSerializer(new AnswerSerializer(
                        config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC)));
        if (config.get(JobOptions.DELIVERY) == Delivery.AT_LEAST_ONCE) {
            return builder.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE).build();
        }
        return builder.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(TransactionalIds.prefix(config))
                // The default strategy creates a new id for each checkpoint, and the broker keeps each id for days.
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setProperty(
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        Long.toString(config.get(JobOptions.TRANSACTION_TIMEOUT).toMillis()))
                .build();
    }
}
