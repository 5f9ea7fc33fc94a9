package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** Reads the prompts topic. */
public final class PromptSource {
    private PromptSource() {}

    /**
     * The topic's records as they are. A restored job goes on where its checkpoint stood; a new one where its consumer
     * group did, or from the topic's beginning.
     */
    @SuppressWarnings("deprecation") // Kafka deprecates the enum, the connector still asks for it
    public static KafkaSource<KafkaEvent> of(JobConfig config) {
        return KafkaSource.<KafkaEvent>builder()
                .setBootstrapServers(config.get(JobOptions.BOOTSTRAP_SERVERS))
                .setTopics(config.get(JobOptions.PROMPTS_TOPIC))
                .setGroupId(config.get(JobOptions.GROUP_ID))
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new AsTheyCome())
                // A prompt that its sender's transaction took back is no prompt.
                .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .build();
    }

    private static final class AsTheyCome implements KafkaRecordDeserializationSchema<KafkaEvent> {
        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<KafkaEvent> out) {
            out.collect(new KafkaEvent(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.key(),
                    record.value(),
                    TraceContext.of(record.headers()),
                    null));
        }

        @Override
        public TypeInformation<KafkaEvent> getProducedType() {
            return TypeInformation.of(KafkaEvent.class);
        }
    }
}
