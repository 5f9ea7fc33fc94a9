package io.zoetrope.bench.job;

import io.zoetrope.client.KafkaSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics of one job. The timestamp of a record is the time at which the broker appended it.
 *
 * @param prompts the topic that the job reads
 * @param videos the topic of its videos
 * @param failures the topic of its failures
 */
record JobTopics(String prompts, String videos, String failures) {
    private static final int PARTITIONS = 4;
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    static JobTopics create(KafkaSettings kafka, String name) throws ExecutionException, InterruptedException {
        JobTopics topics = new JobTopics(name + ".prompts", name + ".videos", name + ".failures");
        try (Admin admin = kafka.openAdmin()) {
            admin.createTopics(List.of(topic(topics.prompts), topic(topics.videos), topic(topics.failures)))
                    .all()
                    .get();
        }
        return topics;
    }

    /** Deletes the topics. */
    void delete(KafkaSettings kafka) throws InterruptedException {
        try (Admin admin = kafka.openAdmin()) {
            admin.deleteTopics(List.of(prompts, videos, failures)).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the topics of " + prompts + " could not be deleted; delete them", e);
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(PARTITIONS), Optional.empty())
                .configs(Map.of(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(MAX_MESSAGE_BYTES),
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
    }
}
