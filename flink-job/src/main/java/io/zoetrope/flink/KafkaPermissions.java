package io.zoetrope.flink;

import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * Checks that Kafka allows this client everything that the job does, before the job starts. A job that lacks a
 * permission would start, and fail at its first commit or its first answer.
 */
final class KafkaPermissions {
    private final Admin admin;
    private final JobConfig config;
    private final List<String> problems;

    /**
     * Creates the check.
     *
     * @param problems receives an entry for each missing permission
     */
    KafkaPermissions(Admin admin, JobConfig config, List<String> problems) {
        this.admin = admin;
        this.config = config;
        this.problems = problems;
    }

    void check() throws InterruptedException, ExecutionException {
        Map<String, Set<AclOperation>> topics = topics();
        Map<String, KafkaFuture<TopicDescription>> described = admin.describeTopics(
                        topics.keySet(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues();
        for (Map.Entry<String, Set<AclOperation>> topic : topics.entrySet()) {
            checkTopic(topic.getKey(), topic.getValue(), Objects.requireNonNull(described.get(topic.getKey())));
        }
        checkGroup(config.get(JobOptions.GROUP_ID));
        if (config.get(JobOptions.DELIVERY) == Delivery.EXACTLY_ONCE) {
            // Shows other jobs that this one runs.
            checkGroup(JobPresence.group(TransactionalIds.prefix(config)));
            checkTransactions();
        }
    }

    private Map<String, Set<AclOperation>> topics() {
        Set<AclOperation> answers = config.get(JobOptions.DELIVERY) == Delivery.EXACTLY_ONCE
                // Reading lets Flink find the open transactions of an earlier run.
                ? Set.of(AclOperation.READ, AclOperation.WRITE)
                : Set.of(AclOperation.WRITE);
        Map<String, Set<AclOperation>> topics = new HashMap<>();
        topics.put(config.get(JobOptions.PROMPTS_TOPIC), Set.of(AclOperation.READ));
        topics.put(config.get(JobOptions.VIDEOS_TOPIC), answers);
        topics.put(config.get(JobOptions.FAILURES_TOPIC), answers);
        config.get(JobOptions.ROLLOUTS_TOPIC).ifPresent(topic -> topics.put(topic, Set.of(AclOperation.READ)));
        return topics;
    }

    private void checkTopic(String topic, Set<AclOperation> needed, KafkaFuture<TopicDescription> described)
            throws InterruptedException, ExecutionException {
        Set<AclOperation> missing = new TreeSet<>(needed);
        try {
            Set<AclOperation> allowed = described.get().authorizedOperations();
            if (allowed == null) {
                return; // brokers before 2.3 do not say
            }
            missing.removeAll(allowed);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) {
                return; // KafkaCheck reports a topic that does not exist
            }
        }
        if (!missing.isEmpty()) {
            problems.add(denied("topic " + topic, missing));
        }
    }

    /** Commits no offsets, which needs the same permission as committing some. */
    private void checkGroup(String group) throws InterruptedException, ExecutionException {
        if (isDenied(admin.alterConsumerGroupOffsets(group, Map.of()).all())) {
            problems.add(denied("group " + group, Set.of(AclOperation.READ)));
        }
    }

    /** Begins a transactional id that no producer of the job uses, and no transaction. */
    private void checkTransactions() throws InterruptedException, ExecutionException {
        String prefix = TransactionalIds.prefix(config);
        if (isDenied(admin.fenceProducers(List.of(prefix + "-start")).all())) {
            problems.add(denied("transactional id " + prefix + "*", Set.of(AclOperation.WRITE)));
        }
    }

    /** Returns the fact and the remedy for permissions that are missing. */
    static String denied(String resource, Set<AclOperation> missing) {
        return resource + ": Kafka does not allow this client " + missing
                + "; grant it to the job's user: docs/security.md lists every ACL";
    }

    private static boolean isDenied(KafkaFuture<Void> done) throws InterruptedException, ExecutionException {
        try {
            done.get();
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return true;
            }
            throw e;
        }
    }
}
