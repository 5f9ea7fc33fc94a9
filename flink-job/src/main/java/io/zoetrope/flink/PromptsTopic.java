package io.zoetrope.flink;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The prompts topic as the brokers describe it.
 *
 * @param id the id of the topic; a topic that is deleted and created again gets another one
 * @param beginning the offset of the first record that is left, for each of some partitions
 * @param end the offset of the next record, for each of the same partitions
 */
record PromptsTopic(Uuid id, Map<TopicPartition, Long> beginning, Map<TopicPartition, Long> end) {

    /**
     * Describes a topic and some of its partitions.
     *
     * @param settings the settings of an admin client
     * @throws IllegalStateException if Kafka does not describe it
     */
    static PromptsTopic describe(Properties settings, String topic, Collection<TopicPartition> partitions)
            throws InterruptedException {
        try (Admin admin = Admin.create(settings)) {
            return new PromptsTopic(
                    id(admin, topic),
                    offsets(admin, partitions, OffsetSpec.earliest()),
                    offsets(admin, partitions, OffsetSpec.latest()));
        } catch (ExecutionException e) {
            throw notDescribed(settings, topic, e);
        }
    }

    /**
     * Returns the id of a topic.
     *
     * @param settings the settings of an admin client
     * @throws IllegalStateException if Kafka does not describe it
     */
    static Uuid id(Properties settings, String topic) throws InterruptedException {
        try (Admin admin = Admin.create(settings)) {
            return id(admin, topic);
        } catch (ExecutionException e) {
            throw notDescribed(settings, topic, e);
        }
    }

    /** Returns the offset of the first record that is left in one of the partitions. */
    long beginningOf(TopicPartition partition) {
        return Objects.requireNonNull(beginning.get(partition));
    }

    /** Returns the offset of the next record of one of the partitions. */
    long endOf(TopicPartition partition) {
        return Objects.requireNonNull(end.get(partition));
    }

    private static Uuid id(Admin admin, String topic) throws InterruptedException, ExecutionException {
        var topics = admin.describeTopics(List.of(topic)).allTopicNames().get();
        return Objects.requireNonNull(topics.get(topic)).topicId();
    }

    private static Map<TopicPartition, Long> offsets(
            Admin admin, Collection<TopicPartition> partitions, OffsetSpec which)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        admin.listOffsets(partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> which)))
                .all()
                .get()
                .forEach((partition, result) -> offsets.put(partition, result.offset()));
        return offsets;
    }

    private static IllegalStateException notDescribed(Properties settings, String topic, ExecutionException e) {
        Throwable reason = Objects.requireNonNullElse(e.getCause(), e);
        return new IllegalStateException(
                "prompts-topic " + topic + ": Kafka at "
                        + settings.getProperty(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG) + " did not describe it ("
                        + reason.getMessage() + "); the job tries again when it restarts",
                e);
    }
}
