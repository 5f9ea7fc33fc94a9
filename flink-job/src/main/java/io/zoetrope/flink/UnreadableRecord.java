package io.zoetrope.flink;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Stands for a record that was too large for the heap when the Kafka client decompressed it. */
final class UnreadableRecord extends ConsumerRecord<byte[], byte[]> {
    static final String FAULT = "the record is too large for the memory of this job when it is decompressed; send a"
            + " smaller one, or publish it to a topic with compression.type=uncompressed, which refuses it";

    @SuppressWarnings("NullAway") // the key and the value of a Kafka record may be null
    UnreadableRecord(TopicPartition partition, long offset) {
        super(partition.topic(), partition.partition(), offset, null, null);
    }
}
