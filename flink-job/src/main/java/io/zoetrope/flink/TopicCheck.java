package io.zoetrope.flink;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Holds the topics against the options before the job starts: what they would refuse later loops on every replay. */
public final class TopicCheck {
    private static final int ANSWERS_WITHIN_MS = 15_000;

    private TopicCheck() {}

    /**
     * Requires that all three topics exist, and that the answer topics take the largest answer.
     *
     * @throws ConfigException with every problem
     */
    public static void require(JobConfig config) throws InterruptedException {
        String servers = config.get(JobOptions.BOOTSTRAP_SERVERS);
        long maxPayload = config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes();
        List<String> problems = new ArrayList<>();
        try (Admin admin = Admin.create(Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWERS_WITHIN_MS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWERS_WITHIN_MS))) {
            limit(admin, config.get(JobOptions.PROMPTS_TOPIC), servers, problems);
            for (String topic : List.of(config.get(JobOptions.VIDEOS_TOPIC), config.get(JobOptions.FAILURES_TOPIC))) {
                long limit = limit(admin, topic, servers, problems);
                if (limit < maxPayload) {
                    problems.add("topic " + topic + ": its max.message.bytes is " + limit + ", max-payload-bytes is "
                            + maxPayload + "; lower the option or raise the topic's limit");
                }
            }
        } catch (KafkaException e) {
            problems.add("bootstrap-servers " + servers + ": " + e.getMessage() + ", for "
                    + (e.getCause() == null ? "no reason given" : e.getCause().getMessage()));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** The largest record that a topic takes; without a limit where the topic cannot be asked, which is a problem. */
    private static long limit(Admin admin, String topic, String servers, List<String> problems)
            throws InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            Config described = Objects.requireNonNull(
                    admin.describeConfigs(List.of(resource)).all().get().get(resource));
            return Long.parseLong(
                    described.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
        } catch (ExecutionException e) {
            problems.add(
                    e.getCause() instanceof UnknownTopicOrPartitionException
                            ? "topic " + topic + ": does not exist at " + servers
                                    + "; make it with ./zoetrope topics apply --bootstrap-servers " + servers
                            : "topic " + topic + ": " + servers + " does not tell about it (" + e.getCause()
                                    + "); give the address of a running Kafka with --bootstrap-servers");
            return Long.MAX_VALUE;
        }
    }
}
