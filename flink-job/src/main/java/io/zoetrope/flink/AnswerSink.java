package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.io.IOException;
import java.util.Collection;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The Kafka sink of both answer topics. One producer writes both, so that videos and failures commit in one
 * transaction. It is the connector's sink with two changes: a transaction that Kafka refuses to commit fails the job
 * ({@link LoudCommitter}), and a writer that cannot close does not end the TaskManager ({@link AnswerSinkWriter}).
 */
public final class AnswerSink
        implements Sink<KafkaAnswer>,
                SupportsWriterState<KafkaAnswer, KafkaWriterState>,
                SupportsCommitter<KafkaCommittable>,
                SupportsPostCommitTopology<KafkaCommittable>,
                LineageVertexProvider {
    private static final long serialVersionUID = 1L;
    private static final long MIN_BUFFER_BYTES = 32L << 20;

    private final KafkaSink<KafkaAnswer> kafka;
    private final String remedy;
    private final JobPresence.Opener presence;

    private AnswerSink(KafkaSink<KafkaAnswer> kafka, String remedy, JobPresence.Opener presence) {
        this.kafka = kafka;
        this.remedy = remedy;
        this.presence = presence;
    }

    /** Returns the sink, with the delivery guarantee of the options. */
    public static AnswerSink of(JobConfig config) {
        String prefix = TransactionalIds.prefix(config);
        String remedy = "Does another job use the prefix " + prefix
                + "? Stop it, or give each its own group-id or transactional-id-prefix. Did the transaction stay open"
                + " for longer than transaction-timeout, "
                + config.get(JobOptions.TRANSACTION_TIMEOUT).toSeconds()
                + " s? Raise it, or lower checkpoint-interval";
        return new AnswerSink(kafka(config, prefix), remedy, JobPresence.of(config));
    }

    static AnswerSerializer serializer(JobConfig config) {
        return new AnswerSerializer(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC));
    }

    private static KafkaSink<KafkaAnswer> kafka(JobConfig config, String prefix) {
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
                .setRecordSerializer(serializer(config));
        if (config.get(JobOptions.DELIVERY) == Delivery.AT_LEAST_ONCE) {
            return builder.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE).build();
        }
        return builder.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(prefix)
                // The default strategy creates a new id for each checkpoint, and the broker keeps each id for days.
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setProperty(
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        Long.toString(config.get(JobOptions.TRANSACTION_TIMEOUT).toMillis()))
                .build();
    }

    @Override
    public SinkWriter<KafkaAnswer> createWriter(WriterInitContext context) throws IOException {
        return new AnswerSinkWriter(kafka.createWriter(context), remedy, presence(context));
    }

    @Override
    public StatefulSinkWriter<KafkaAnswer, KafkaWriterState> restoreWriter(
            WriterInitContext context, Collection<KafkaWriterState> state) throws IOException {
        return new AnswerSinkWriter(kafka.restoreWriter(context, state), remedy, presence(context));
    }

    /** One subtask shows that the job runs. */
    private AutoCloseable presence(WriterInitContext context) {
        return context.getTaskInfo().getIndexOfThisSubtask() == 0 ? presence.open() : () -> {};
    }

    @Override
    public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
        return kafka.getWriterStateSerializer();
    }

    @Override
    public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
        return new LoudCommitter(
                kafka.createCommitter(context),
                remedy,
                JobMetrics.of(context.metricGroup()).counter("refusedCommits"));
    }

    @Override
    public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
        return kafka.getCommittableSerializer();
    }

    @Override
    public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committed) {
        kafka.addPostCommitTopology(committed);
    }

    @Override
    public LineageVertex getLineageVertex() {
        return kafka.getLineageVertex();
    }
}
