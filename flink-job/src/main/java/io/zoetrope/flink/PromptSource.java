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
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.KafkaSourceReader;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source of the prompts topic: the connector's Kafka source, which also finds prompts that are gone unread. See
 * {@link StartingOffsets}, {@link UnreadPrompts} and {@link PromptSplit}. It reads records with its own
 * {@link PromptSplitReader}.
 */
public final class PromptSource
        implements Source<KafkaEvent, KafkaPartitionSplit, KafkaSourceEnumState>, ResultTypeQueryable<KafkaEvent> {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PromptSource.class);

    /** The time between two looks at the id of the topic while the job runs. One look is one small request. */
    private static final Duration TOPIC_CHECK = Duration.ofSeconds(10);

    private final KafkaSource<KafkaEvent> kafka;
    private final Properties consumer;
    private final RecordLimits limits;
    private final Properties admin;
    private final UnreadPrompts unread;

    private PromptSource(
            KafkaSource<KafkaEvent> kafka,
            Properties consumer,
            RecordLimits limits,
            Properties admin,
            UnreadPrompts unread) {
        this.kafka = kafka;
        this.consumer = consumer;
        this.limits = limits;
        this.admin = admin;
        this.unread = unread;
    }

    /**
     * Returns the source. A restored job continues at the offsets of its checkpoint. A new job starts at the committed
     * offsets of its consumer group, or at the beginning of the topic if there are none.
     */
    public static PromptSource of(JobConfig config) {
        KafkaSettings settings = KafkaSettings.of(config);
        RecordLimits limits = RecordLimits.of(config);
        KafkaSource<KafkaEvent> kafka = KafkaSource.<KafkaEvent>builder()
                .setProperties(settings.consumer())
                .setTopics(config.get(JobOptions.PROMPTS_TOPIC))
                .setGroupId(config.get(JobOptions.GROUP_ID))
                .setStartingOffsets(
                        new StartingOffsets(config.get(JobOptions.GROUP_ID), config.get(JobOptions.START_FRESH)))
                .setDeserializer(new EventDeserializer(limits))
                .build();
        return new PromptSource(
                kafka,
                consumer(settings, config.get(JobOptions.GROUP_ID)),
                limits,
                settings.admin(),
                new UnreadPrompts(
                        config.get(JobOptions.PROMPTS_TOPIC),
                        config.get(JobOptions.START_FRESH),
                        config.get(JobOptions.SKIP_DELETED_PROMPTS)));
    }

    /** Returns the settings with which the connector's builder completes those of a consumer. */
    private static Properties consumer(KafkaSettings settings, String group) {
        Properties consumer = settings.consumer();
        consumer.setProperty(ConsumerConfig.GROUP_ID_CONFIG, group);
        consumer.setProperty(KafkaSourceOptions.CLIENT_ID_PREFIX.key(), group);
        consumer.setProperty(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        consumer.setProperty(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        // The starting offsets are explicit, so the consumer never has to choose one.
        consumer.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        return consumer;
    }

    @Override
    public SourceReader<KafkaEvent, KafkaPartitionSplit> createReader(SourceReaderContext context) throws Exception {
        return new PromptReader(
                recordReader(context),
                admin,
                unread,
                JobMetrics.of(context.metricGroup()).counter("deletedPrompts"));
    }

    /** Returns the connector's reader of splits, which fetches records with a {@link PromptSplitReader}. */
    private SourceReader<KafkaEvent, KafkaPartitionSplit> recordReader(SourceReaderContext context) {
        var queue = new FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>>();
        KafkaSourceReaderMetrics metrics = new KafkaSourceReaderMetrics(context.metricGroup());
        return new KafkaSourceReader<>(
                queue,
                new KafkaSourceFetcherManager(
                        queue, () -> new PromptSplitReader(consumer, context, metrics), finished -> {}),
                new KafkaRecordEmitter<>(new EventDeserializer(limits)),
                new Configuration(),
                context,
                metrics);
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
