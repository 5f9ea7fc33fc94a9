package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.LimitOptions;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The largest record that the job reads from Kafka, after decompression.
 *
 * @param bytes the largest size of key, value and headers, with what Kafka adds
 * @param headers the largest number of headers
 * @param traceBytes the largest size of the headers that are copied to an answer
 * @param tenantHeader the header that names a prompt's tenant; null if none does
 */
record RecordLimits(
        long bytes, int headers, int traceBytes, @Nullable String tenantHeader) implements Serializable {
    static RecordLimits of(JobConfig config) {
        return new RecordLimits(
                config.get(LimitOptions.MAX_RECORD_BYTES).bytes(),
                config.get(LimitOptions.MAX_HEADERS),
                Math.toIntExact(config.get(LimitOptions.MAX_TRACE_BYTES).bytes()),
                config.get(JobOptions.TENANT_HEADER).orElse(null));
    }

    /** Returns the upper bound of a record's size by which Kafka's producer accepts or refuses the record. */
    static int size(byte @Nullable [] key, byte @Nullable [] value, Header[] headers) {
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.NONE, key, value, headers);
    }

    /** Converts a record to an event. A record that is too large becomes an event with its fault and its key only. */
    KafkaEvent event(ConsumerRecord<byte[], byte[]> record) {
        if (record instanceof UnreadableRecord) {
            return new KafkaEvent(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    null,
                    null,
                    List.of(),
                    null,
                    UnreadableRecord.FAULT,
                    record.timestamp(),
                    null);
        }
        Header[] recordHeaders = record.headers().toArray();
        Optional<String> fault = fault(record, recordHeaders);
        boolean tooLarge = fault.isPresent();
        return new KafkaEvent(
                record.topic(),
                record.partition(),
                record.offset(),
                tooLarge && keyTooLarge(record.key()) ? null : record.key(),
                tooLarge ? null : record.value(),
                KeptHeaders.of(recordHeaders, tenantHeader, traceBytes),
                null,
                fault.orElse(null),
                record.timestamp(),
                null);
    }

    private boolean keyTooLarge(byte @Nullable [] key) {
        return key != null && key.length > bytes;
    }

    private Optional<String> fault(ConsumerRecord<byte[], byte[]> record, Header[] recordHeaders) {
        if (recordHeaders.length > headers) {
            return Optional.of("the record has " + recordHeaders.length + " headers, the limit (max-headers) is "
                    + headers + "; send fewer");
        }
        int size = size(record.key(), record.value(), recordHeaders);
        return size > bytes
                ? Optional.of("the record has " + size + " bytes when it is decompressed, the limit (max-record-bytes)"
                        + " is " + bytes + "; send a smaller one")
                : Optional.empty();
    }
}
