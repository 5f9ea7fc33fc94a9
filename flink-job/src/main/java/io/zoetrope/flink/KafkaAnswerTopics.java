package io.zoetrope.flink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics of the answers on Kafka. A search reads them on a thread of its own. */
final class KafkaAnswerTopics implements AnswerTopics {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaAnswerTopics.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);

    private final Properties consumer;
    private final List<String> topics;
    private final Admin admin;
    private final ExecutorService reader;

    /**
     * Opens the topics.
     *
     * @param admin the settings of an admin client
     * @param consumer the settings of a consumer of committed records
     */
    KafkaAnswerTopics(Properties admin, Properties consumer, List<String> topics) {
        this.consumer = new Properties();
        this.consumer.putAll(consumer);
        // Records after a floor may have been deleted by the topic's retention.
        this.consumer.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.topics = List.copyOf(topics);
        this.admin = Admin.create(admin);
        this.reader = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "committed-answers");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public CompletableFuture<List<TopicEnd>> ends() {
        return admin.describeTopics(topics)
                .allTopicNames()
                .toCompletionStage()
                .thenCompose(described -> {
                    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
                    described.forEach((topic, description) -> description
                            .partitions()
                            .forEach(partition ->
                                    latest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest())));
                    return admin.listOffsets(latest)
                            .all()
                            .toCompletionStage()
                            .thenApply(offsets -> ends(described, offsets));
                })
                .toCompletableFuture();
    }

    private static List<TopicEnd> ends(
            Map<String, TopicDescription> topics, Map<TopicPartition, ListOffsetsResultInfo> offsets) {
        List<TopicEnd> ends = new ArrayList<>();
        offsets.forEach((partition, end) -> ends.add(new TopicEnd(
                partition.topic(),
                Objects.requireNonNull(topics.get(partition.topic())).topicId().toString(),
                partition.partition(),
                end.offset())));
        return ends;
    }

    @Override
    public CompletableFuture<Set<AnswerDigest>> committed(List<TopicEnd> floor, Set<AnswerDigest> wanted) {
        return ends().thenApplyAsync(ends -> search(floor, ends, wanted), reader);
    }

    private Set<AnswerDigest> search(List<TopicEnd> floor, List<TopicEnd> to, Set<AnswerDigest> wanted) {
        Map<TopicPartition, Long> ends = to.stream()
                .collect(Collectors.toMap(end -> new TopicPartition(end.topic(), end.partition()), TopicEnd::offset));
        Set<AnswerDigest> found = new HashSet<>();
        try (var reading = new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            reading.assign(ends.keySet());
            Map<TopicPartition, Long> beginnings = reading.beginningOffsets(ends.keySet());
            to.forEach(end -> {
                TopicPartition partition = new TopicPartition(end.topic(), end.partition());
                long start = Floors.start(floor, end);
                reading.seek(partition, start);
                long beginning = beginnings.getOrDefault(partition, 0L);
                if (start > 0 && beginning > start) {
                    LOG.warn(
                            "{} has deleted {} records since the restored checkpoint; answers among them count as lost"
                                    + " and are sent again",
                            partition,
                            beginning - start);
                }
            });
            // The position passes an end when no transaction before it is open.
            while (pauseWhatIsRead(reading, ends)) {
                for (ConsumerRecord<byte[], byte[]> record : reading.poll(POLL_TIMEOUT)) {
                    AnswerDigest digest = AnswerDigest.of(record);
                    if (wanted.contains(digest)) {
                        found.add(digest);
                    }
                }
            }
        }
        return found;
    }

    /** Pauses the partitions whose position has reached its end, and returns whether others are left. */
    private static boolean pauseWhatIsRead(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        consumer.pause(ends.entrySet().stream()
                .filter(end -> consumer.position(end.getKey()) >= end.getValue())
                .map(Map.Entry::getKey)
                .toList());
        return consumer.paused().size() < ends.size();
    }

    @Override
    public void close() {
        reader.shutdownNow();
        admin.close(Duration.ZERO);
    }
}
