package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source of the prompts topic: the connector's Kafka source, which also finds prompts that are gone unread. See
 * {@link StartingOffsets}, {@link UnreadPrompts} and {@link PromptSplit}.
 */
public final class PromptSource
        implements Source<KafkaEvent, KafkaPartitionSplit, KafkaSourceEnumState>, ResultTypeQueryable<KafkaEvent> {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PromptSource.class);

    /** The time between two looks at the id of the topic while the job runs. One look is one small request. */
    private static final Duration TOPIC_CHECK = Duration.ofSeconds(10);

    private final KafkaSource<KafkaEvent> kafka;
    private final Properties admin;
    private final UnreadPrompts unread;

    private PromptSource(KafkaSource<KafkaEvent> kafka, Properties admin, UnreadPrompts unread) {
        this.kafka = kafka;
        this.admin = admin;
        this.unread = unread;
    }

    /**
     * Returns the source. A restored job continues at the offsets of its checkpoint. A new job starts at the committed
     * offsets of its consumer group, or at the beginning of the topic if there are none.
     */
    public static PromptSource of(JobConfig config) {
        KafkaSettings settings = KafkaSettings.of(config);
        KafkaSource<KafkaEvent> kafka = KafkaSource.<KafkaEvent>builder()
                .setProperties(settings.consumer())
                .setTopics(config.get(JobOptions.PROMPTS_TOPIC))
                .setGroupId(config.get(JobOptions.GROUP_ID))
                .setStartingOffsets(
                        new StartingOffsets(config.get(JobOptions.GROUP_ID), config.get(JobOptions.START_FRESH)))
                .setDeserializer(new EventDeserializer(RecordLimits.of(config)))
                .build();
        return new PromptSource(
                kafka,
                settings.admin(),
                new UnreadPrompts(
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.START_FRESH),
                        config.get(JobOptions.SKIP_DELETED_PROMPTS)));
    }

    @Override
    public SourceReader<KafkaEvent, KafkaPartitionSplit> createReader(SourceReaderContext context) throws Exception {
        return new PromptReader(
                kafka.createReader(context),
                admin,
                unread,
                JobMetrics.of(context.metricGroup()).counter("deletedPrompts"));
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        failIfTheTopicIsCreatedAgain(context);
        return kafka.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state) throws Exception {
        failIfTheTopicIsCreatedAgain(context);
        return kafka.restoreEnumerator(context, state);
    }

    /**
     * Fails the running job when the id of the topic changes. The consumer continues at its offset in the new topic and
     * reports nothing. The restarted readers compare their ids with the topic's, and decide.
     */
    private void failIfTheTopicIsCreatedAgain(SplitEnumeratorContext<KafkaPartitionSplit> context) {
        AtomicReference<Uuid> known = new AtomicReference<>();
        context.callAsync(
                () -> PromptsTopic.id(admin, unread.topic()),
                (id, error) -> {
                    if (error != null) {
                        LOG.debug("the id of the prompts topic is not known now", error);
                    } else if (!known.compareAndSet(null, id) && !id.equals(known.get())) {
                        throw new IllegalStateException("the topic " + unread.topic()
                                + " was deleted and created again; the job restarts to compare its offsets with it");
                    }
                },
                0,
                TOPIC_CHECK.toMillis());
    }

    @Override
    public Boundedness getBoundedness() {
        return kafka.getBoundedness();
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return new PromptSplit.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return kafka.getEnumeratorCheckpointSerializer();
    }

    @Override
    public TypeInformation<KafkaEvent> getProducedType() {
        return kafka.getProducedType();
    }

    /** Copies a record into an event, without decoding it. */
    private static final class EventDeserializer implements KafkaRecordDeserializationSchema<KafkaEvent> {
        private static final long serialVersionUID = 1L;

        private final RecordLimits limits;

        EventDeserializer(RecordLimits limits) {
            this.limits = limits;
        }

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<KafkaEvent> out) {
            out.collect(limits.event(record));
        }

        @Override
        public TypeInformation<KafkaEvent> getProducedType() {
            return TypeInformation.of(KafkaEvent.class);
        }
    }
}
