package io.zoetrope.flink;

import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The connector's reader, with a check before it starts to read: its offsets, from state or from the group, are
 * compared with the topic, so that prompts that are gone unread are never passed over in silence. A running reader that
 * meets deleted prompts fails, and the check finds them when the job restarts.
 */
final class PromptReader implements SourceReader<KafkaEvent, KafkaPartitionSplit> {
    private final SourceReader<KafkaEvent, KafkaPartitionSplit> kafka;
    private final Properties admin;
    private final UnreadPrompts unread;
    private final Counter deleted;
    private @Nullable Uuid topicId;

    /**
     * Creates a reader.
     *
     * @param kafka the connector's reader
     * @param admin the settings of an admin client
     * @param unread looks for prompts that are gone unread
     * @param deleted counts the records that the topic deleted unread
     */
    PromptReader(
            SourceReader<KafkaEvent, KafkaPartitionSplit> kafka,
            Properties admin,
            UnreadPrompts unread,
            Counter deleted) {
        this.kafka = kafka;
        this.admin = admin;
        this.unread = unread;
        this.deleted = deleted;
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        PromptsTopic topic = describe(splits);
        if (topicId != null && !topicId.equals(topic.id())) {
            // The offsets that this reader holds belong to the deleted topic; a restart compares them with the new one.
            throw new IllegalStateException("the topic " + unread.topic() + " was deleted and created again, as "
                    + topic.id() + ", while the job read " + topicId + "; the job restarts and looks for lost prompts");
        }
        List<KafkaPartitionSplit> readable = unread.readable(splits, topic, deleted::inc);
        topicId = topic.id();
        kafka.addSplits(readable);
    }

    private PromptsTopic describe(List<KafkaPartitionSplit> splits) {
        try {
            return PromptsTopic.describe(
                    admin,
                    unread.topic(),
                    splits.stream().map(KafkaPartitionSplit::getTopicPartition).toList());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the reader was stopped before it started", e);
        }
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpointId) {
        return kafka.snapshotState(checkpointId).stream()
                .<KafkaPartitionSplit>map(split -> new PromptSplit(split, Objects.requireNonNull(topicId)))
                .toList();
    }

    @Override
    public void start() {
        kafka.start();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<KafkaEvent> output) throws Exception {
        return kafka.pollNext(output);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return kafka.isAvailable();
    }

    @Override
    public void notifyNoMoreSplits() {
        kafka.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        kafka.handleSourceEvents(event);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        kafka.notifyCheckpointComplete(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        kafka.notifyCheckpointAborted(checkpointId);
    }

    @Override
    public void close() throws Exception {
        kafka.close();
    }
}
