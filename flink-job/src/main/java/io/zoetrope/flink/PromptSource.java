package io.zoetrope.flink;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The Kafka source of the prompts topic. */
public final class PromptSource {
    private PromptSource() {}

    /**
     * Returns the source. A restored job continues at the offsets of its checkpoint. A new job starts at the committed
     * offsets of its consumer group, or at the beginning of the topic if there are none.
     */
    @SuppressWarnings("deprecation") // Kafka deprecates the enum, but the connector requires it
    public static KafkaSource<KafkaEvent> of(JobConfig config) {
        return KafkaSource.<KafkaEvent>builder()
                .setProperties(KafkaSettings.of(config).consumer())
                .setTopics(config.get(JobOptions.PROMPTS_TOPIC))
                .setGroupId(config.get(JobOptions.GROUP_ID))
                .setStartingOffsets(new StartingOffsets(
                        config.get(JobOptions.GROUP_ID),
                        config.get(JobOptions.START_FRESH),
                        config.get(JobOptions.SKIP_DELETED_PROMPTS)))
                .setDeserializer(new EventDeserializer(RecordLimits.of(config)))
                .build();
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
