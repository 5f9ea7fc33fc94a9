package io.zoetrope.flink;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks Kafka's topics and brokers against the options before the job starts. Without the check, an answer that is too
 * large for its topic would fail the job, and fail it again on every replay; and a transaction that is too long would
 * be aborted by Kafka, and lose its answers.
 */
public final class KafkaCheck {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaCheck.class);
    /** The broker setting that limits the duration of a transaction; 15 min by default. */
    private static final String TRANSACTION_MAX_TIMEOUT = "transaction.max.timeout.ms";

    private static final String UNCOMPRESSED = "uncompressed";

    private KafkaCheck() {}

    /**
     * Checks that all topics exist, that the answer topics accept records of max-payload-bytes, and that the
     * transaction timeout is longer than the wait for a checkpoint and not longer than the brokers allow.
     *
     * @param cluster the settings of Flink's cluster
     * @throws ConfigException with every problem
     */
    public static void require(JobConfig config, ReadableConfig cluster) throws InterruptedException {
        KafkaSettings kafka = KafkaSettings.of(config);
        List<String> problems = new ArrayList<>();
        KafkaAccess.fault(kafka).ifPresent(fault -> {
            throw new ConfigException(List.of(fault));
        });
        try (Admin admin = kafka.openAdmin()) {
            Map<String, KafkaFuture<Config>> topics = describe(admin, config);
            for (Map.Entry<String, KafkaFuture<Config>> topic : topics.entrySet()) {
                check(topic.getKey(), topic.getValue(), config, problems);
            }
            new KafkaPermissions(admin, config, problems).check();
            if (config.get(JobOptions.DELIVERY) == Delivery.EXACTLY_ONCE) {
                checkTransactions(admin, config, cluster, problems);
            }
        } catch (KafkaException | ExecutionException e) {
            problems.add("bootstrap-servers " + kafka.servers() + ": " + KafkaAccess.explain(kafka, e));
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
        Stream<String> names = Stream.of(JobOptions.PROMPTS_TOPIC, JobOptions.VIDEOS_TOPIC, JobOptions.FAILURES_TOPIC)
                .map(config::get);
        Stream.concat(names, config.get(JobOptions.ROLLOUTS_TOPIC).stream())
                .forEach(topic -> resources.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), topic));
        Map<ConfigResource, KafkaFuture<Config>> described =
                admin.describeConfigs(resources.keySet()).values();
        Map<String, KafkaFuture<Config>> topics = new LinkedHashMap<>();
        resources.forEach((resource, topic) -> topics.put(topic, Objects.requireNonNull(described.get(resource))));
        return topics;
    }

    private static void check(String topic, KafkaFuture<Config> described, JobConfig config, List<String> problems)
            throws InterruptedException, ExecutionException {
        try {
            boolean isPrompts = topic.equals(config.get(JobOptions.PROMPTS_TOPIC));
            Optional<String> rollouts = config.get(JobOptions.ROLLOUTS_TOPIC);
            if (rollouts.isPresent() && (isPrompts || topic.equals(rollouts.get()))) {
                checkTimestamps(topic, described.get(), problems);
            }
            if (isPrompts) {
                warnOfCompression(topic, described.get());
            }
            if (isPrompts || topic.equals(rollouts.orElse(""))) {
                return;
            }
            long limit = Long.parseLong(
                    described.get().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
            long maxPayload = config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes();
            if (limit < maxPayload) {
                problems.add("topic " + topic + ": its max.message.bytes is " + limit + ", max-payload-bytes is "
                        + maxPayload + "; lower the option or raise the topic's limit");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                problems.add(KafkaPermissions.denied("topic " + topic, Set.of(AclOperation.DESCRIBE_CONFIGS)));
                return;
            }
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
            problems.add(missing(topic, config.get(JobOptions.BOOTSTRAP_SERVERS)));
        }
    }

    /** Requires the broker's time in the records whose times are compared to choose the version of a model. */
    private static void checkTimestamps(String topic, Config settings, List<String> problems) {
        String type = settings.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value();
        if (!type.equals(TimestampType.LOG_APPEND_TIME.name)) {
            problems.add("topic " + topic + ": its message.timestamp.type is " + type
                    + ", but with rollouts-topic the time of a prompt chooses the version that answers it, and must not be"
                    + " the sender's; set it to " + TimestampType.LOG_APPEND_TIME.name
                    + " with ./zoetrope topics apply");
        }
    }

    /** Warns of a topic whose limit counts compressed bytes: a small batch may inflate to more than this job can hold. */
    private static void warnOfCompression(String topic, Config settings) {
        String compression = settings.get(TopicConfig.COMPRESSION_TYPE_CONFIG).value();
        if (!compression.equals(UNCOMPRESSED)) {
            LOG.warn(
                    "topic {}: its compression.type is {}, so its max.message.bytes does not limit the size of a"
                            + " decompressed record; set it to uncompressed with ./zoetrope topics apply",
                    topic,
                    compression);
        }
    }

    private static void checkTransactions(Admin admin, JobConfig config, ReadableConfig cluster, List<String> problems)
            throws InterruptedException, ExecutionException {
        Duration transaction = config.get(JobOptions.TRANSACTION_TIMEOUT);
        Duration interval = config.get(JobOptions.CHECKPOINT_INTERVAL);
        Duration checkpoint = cluster.getOptional(CheckpointingOptions.CHECKPOINTING_TIMEOUT)
                .orElse(ExecutionDefaults.CHECKPOINT_TIMEOUT);
        if (interval.plus(checkpoint).compareTo(transaction) > 0) {
            problems.add("transaction-timeout is " + shown(transaction) + ", but an answer can wait for "
                    + shown(interval.plus(checkpoint)) + " until it is committed (checkpoint-interval "
                    + shown(interval)
                    + ", Flink's checkpoint timeout " + shown(checkpoint)
                    + "), and Kafka would drop it first; raise transaction-timeout or lower the others");
        }
        Optional<Duration> max = maxTransaction(admin);
        if (max.isPresent() && transaction.compareTo(max.get()) > 0) {
            problems.add(
                    "transaction-timeout is " + shown(transaction) + ", the brokers' transaction.max.timeout.ms is "
                            + shown(max.get()) + "; lower the option or raise the brokers' setting");
        }
    }

    /** Returns the smallest limit of the brokers; empty if this client may not read their settings. */
    private static Optional<Duration> maxTransaction(Admin admin) throws InterruptedException, ExecutionException {
        List<ConfigResource> brokers = admin.describeCluster().nodes().get().stream()
                .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                .toList();
        try {
            return admin.describeConfigs(brokers).all().get().values().stream()
                    .map(broker -> broker.get(TRANSACTION_MAX_TIMEOUT))
                    .filter(Objects::nonNull)
                    .map(setting -> Duration.ofMillis(Long.parseLong(setting.value())))
                    .min(Comparator.naturalOrder());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                LOG.warn(
                        "transaction-timeout is not compared with the brokers' {}: {}",
                        TRANSACTION_MAX_TIMEOUT,
                        e.getCause().getMessage());
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String shown(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
