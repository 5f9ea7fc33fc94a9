package io.zoetrope.flink;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Option;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Checks the topics against the options before the job starts. An answer that its topic refuses later fails the job,
 * and fails it again on every replay.
 */
public final class TopicCheck {
    private TopicCheck() {}

    /**
     * Checks that all three topics exist, and that the answer topics accept records of max-payload-bytes.
     *
     * @throws ConfigException with every problem
     */
    public static void require(JobConfig config) throws InterruptedException {
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        List<String> problems = new ArrayList<>();
        try (Admin admin = KafkaAdmin.open(servers)) {
            Map<String, KafkaFuture<Config>> topics = describe(admin, config);
            for (Map.Entry<String, KafkaFuture<Config>> topic : topics.entrySet()) {
                check(topic.getKey(), topic.getValue(), config, problems);
            }
        } catch (KafkaException | ExecutionException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            problems.add("bootstrap-servers " + servers + ": Kafka did not describe the topics (" + reason.getMessage()
                    + "); give the address of a running Kafka that allows this client to describe topics");
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** Returns the error message for a topic that does not exist. */
    public static String missing(String topic, String bootstrapServers) {
        return "topic " + topic + " does not exist at " + bootstrapServers
                + "; create it with ./zoetrope topics apply --bootstrap-servers " + bootstrapServers;
    }

    private static Map<String, KafkaFuture<Config>> describe(Admin admin, JobConfig config) {
        Map<ConfigResource, String> resources = new LinkedHashMap<>();
        for (Option<String> topic :
                List.of(JobOptions.PROMPTS_TOPIC, JobOptions.VIDEOS_TOPIC, JobOptions.FAILURES_TOPIC)) {
            resources.put(new ConfigResource(ConfigResource.Type.TOPIC, config.get(topic)), config.get(topic));
        }
        Map<ConfigResource, KafkaFuture<Config>> described =
                admin.describeConfigs(resources.keySet()).values();
        Map<String, KafkaFuture<Config>> topics = new LinkedHashMap<>();
        resources.forEach((resource, topic) -> topics.put(topic, Objects.requireNonNull(described.get(resource))));
        return topics;
    }

    private static void check(String topic, KafkaFuture<Config> described, JobConfig config, List<String> problems)
            throws InterruptedException, ExecutionException {
        try {
            long limit = Long.parseLong(
                    described.get().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
            long maxPayload = config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes();
            if (limit < maxPayload && !topic.equals(config.get(JobOptions.PROMPTS_TOPIC))) {
                problems.add("topic " + topic + ": its max.message.bytes is " + limit + ", max-payload-bytes is "
                        + maxPayload + "; lower the option or raise the topic's limit");
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
            problems.add(missing(topic, config.get(JobOptions.BOOTSTRAP_SERVERS)));
        }
    }
}
