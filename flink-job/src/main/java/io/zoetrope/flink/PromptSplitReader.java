package io.zoetrope.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaPartitionSplitReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the prompts topic, one record at a time, so that the heap holds few decompressed records. A record that twice
 * does not fit into the heap is skipped, and an {@link UnreadableRecord} is returned in its place.
 *
 * <p>The Kafka client allocates a record when it decompresses it. If that fails, the client keeps its position before
 * the record, and its next call throws an exception that names the partition. The heap may have been full because of
 * other threads, so the reader makes the client drop the record's batch and fetch it again, once. If the record fails
 * again, the reader moves the position behind it. The records behind it in the same batch cannot be reached without
 * decompressing it again, so they are skipped in the same way, one by one.
 */
class PromptSplitReader extends KafkaPartitionSplitReader {
    private static final Logger LOG = LoggerFactory.getLogger(PromptSplitReader.class);
    private static final String ONE_RECORD = "1";

    /** The offset of the next record of each partition. */
    private final Map<TopicPartition, Long> next = new HashMap<>();
    /** The offset of the last record of each partition that did not fit into the heap. */
    private final Map<TopicPartition, Long> failed = new HashMap<>();

    PromptSplitReader(Properties settings, SourceReaderContext context, KafkaSourceReaderMetrics metrics) {
        super(oneRecordAtATime(settings), context, metrics);
    }

    private static Properties oneRecordAtATime(Properties settings) {
        Properties one = new Properties();
        one.putAll(settings);
        one.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, ONE_RECORD);
        return one;
    }

    @Override
    public void handleSplitsChanges(SplitsChange<KafkaPartitionSplit> change) {
        super.handleSplitsChanges(change);
        change.splits().forEach(split -> next.put(split.getTopicPartition(), split.getStartingOffset()));
    }

    @Override
    public RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetch() throws IOException {
        try {
            return counted(poll(), Set.of());
        } catch (OutOfMemoryError e) {
            return readAgainOrSkip(partitionOf(e), e);
        }
    }

    /** Fetches records. */
    RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> poll() throws IOException {
        return super.fetch();
    }

    /** Moves the offset of each partition behind its records. Drops the records of some splits. */
    private RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> counted(
            RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetched, Set<String> dropped) {
        Map<String, Collection<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        for (String split = fetched.nextSplit(); split != null; split = fetched.nextSplit()) {
            List<ConsumerRecord<byte[], byte[]>> ofSplit = new ArrayList<>();
            for (var record = fetched.nextRecordFromSplit(); record != null; record = fetched.nextRecordFromSplit()) {
                if (!dropped.contains(split)) {
                    ofSplit.add(record);
                    next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                }
            }
            records.put(split, ofSplit);
        }
        Set<String> finished = Set.copyOf(fetched.finishedSplits());
        fetched.recycle();
        return new RecordsBySplits<>(records, finished);
    }

    /** Returns the partition of the record that could not be read; throws the error again if no record is at fault. */
    private TopicPartition partitionOf(OutOfMemoryError error) throws IOException {
        try {
            var unused = poll();
        } catch (KafkaException refused) {
            String message = String.valueOf(refused.getMessage());
            for (TopicPartition partition : next.keySet()) {
                if (message.contains("from " + partition + ".")) {
                    return partition;
                }
            }
        }
        throw error;
    }

    private RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> readAgainOrSkip(
            TopicPartition partition, OutOfMemoryError e) throws IOException {
        Long offset = next.get(partition);
        if (offset == null || offset < 0) {
            throw e; // the position is a marker, such as the beginning of the topic
        }
        if (!offset.equals(failed.put(partition, offset))) {
            LOG.warn("{}@{} does not fit into the heap; it is read once more", partition, offset, e);
            return withoutBatchOf(partition, offset);
        }
        LOG.warn("{}@{} does not fit into the heap again and is skipped; its failure says so", partition, offset, e);
        seek(partition, offset + 1);
        return new RecordsBySplits<>(
                Map.of(KafkaPartitionSplit.toSplitId(partition), List.of(new UnreadableRecord(partition, offset))),
                Set.of());
    }

    /**
     * Makes the client drop the batch that it holds of a partition and continue at an offset of this batch. The client
     * drops a batch only if a poll finds the position elsewhere.
     *
     * @return records of other partitions
     */
    private RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> withoutBatchOf(TopicPartition partition, long offset)
            throws IOException {
        seek(partition, offset + 1);
        try {
            return counted(poll(), Set.of(KafkaPartitionSplit.toSplitId(partition)));
        } catch (OutOfMemoryError e) {
            TopicPartition other = partitionOf(e);
            return other.equals(partition) ? new RecordsBySplits<>(Map.of(), Set.of()) : readAgainOrSkip(other, e);
        } finally {
            seek(partition, offset);
        }
    }

    private void seek(TopicPartition partition, long offset) {
        // Adding the split again moves the consumer to its offset.
        handleSplitsChanges(new SplitsAddition<>(List.of(new KafkaPartitionSplit(partition, offset))));
    }
}
