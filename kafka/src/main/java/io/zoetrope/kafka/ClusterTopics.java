package io.zoetrope.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The topics of one cluster, read and changed through its admin client. Every method throws a
 * {@link ProvisioningException} that names the failed operation.
 *
 * @param admin the client of the cluster
 */
record ClusterTopics(Admin admin) {

    /** Returns the topics of {@code names} that exist, by name. */
    Map<String, ClusterTopic> find(Collection<String> names) {
        Set<String> existing =
                new HashSet<>(await("list the topics", admin.listTopics().names()));
        existing.retainAll(names);
        var descriptions =
                await("describe " + existing, admin.describeTopics(existing).allTopicNames());
        var configs = await(
                "read the configs of " + existing,
                admin.describeConfigs(
                                existing.stream().map(ClusterTopics::resource).toList())
                        .all());
        var found = new HashMap<String, ClusterTopic>();
        descriptions.forEach((name, description) -> {
            Config config = configs.getOrDefault(resource(name), new Config(List.of()));
            found.put(name, read(description, config));
        });
        return found;
    }

    /** Creates a topic. Does nothing if the topic exists, because another client may create it at the same time. */
    void create(TopicSpec topic) {
        try {
            await(
                    "create " + topic.name(),
                    admin.createTopics(List.of(topic.toNewTopic())).all());
        } catch (ProvisioningException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    void raisePartitions(String topic, int count) {
        await(
                "raise " + topic + " to " + count + " partitions",
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count)))
                        .all());
    }

    /** Sets the given configs and leaves the topic's other configs unchanged. */
    void set(String topic, Map<String, String> configs) {
        var operations = configs.entrySet().stream()
                .map(config -> new AlterConfigOp(
                        new ConfigEntry(config.getKey(), config.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        await(
                "set " + configs + " on " + topic,
                admin.incrementalAlterConfigs(Map.of(resource(topic), operations))
                        .all());
    }

    private static ClusterTopic read(TopicDescription description, Config config) {
        int fewestReplicas = description.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        var configs = new HashMap<String, String>();
        config.entries().forEach(entry -> configs.put(entry.name(), entry.value()));
        return new ClusterTopic(description.partitions().size(), fewestReplicas, configs);
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static <T> T await(String what, Future<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new ProvisioningException(
                    "topics: could not " + what + ": " + cause.getMessage()
                            + "; check that the cluster is up and that this client is authorized",
                    cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProvisioningException("topics: interrupted while trying to " + what, e);
        }
    }
}
