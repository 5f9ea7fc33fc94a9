package io.zoetrope.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * Makes a cluster's topics match a catalog, or reports the differences. It never deletes anything, and it does not
 * touch topics that the catalog does not name.
 */
public final class TopicProvisioner {
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

    private final ClusterTopics cluster;

    /** Creates a provisioner that uses {@code admin}. The caller closes {@code admin}. */
    public TopicProvisioner(Admin admin) {
        this.cluster = new ClusterTopics(admin);
    }

    /**
     * Returns the status of each topic of the catalog, in the catalog's order. Changes nothing.
     *
     * @throws ProvisioningException if the cluster does not answer or refuses the request
     */
    public List<TopicStatus> show(TopicCatalog catalog) {
        Map<String, ClusterTopic> found =
                cluster.find(catalog.topics().stream().map(TopicSpec::name).toList());
        return catalog.topics().stream()
                .map(topic -> {
                    ClusterTopic actual = found.get(topic.name());
                    return actual == null ? TopicStatus.missing(topic) : TopicStatus.compare(topic, actual);
                })
                .toList();
    }

    /**
     * Creates missing topics, raises partition counts, and sets configs that differ. It waits until the cluster reports
     * all changes. A second call changes nothing.
     *
     * @return the changes of each topic, in the catalog's order
     * @throws ProvisioningException if the cluster does not answer, refuses the request, or does not report the changes
     *     within 30 seconds
     */
    public List<TopicChange> apply(TopicCatalog catalog) {
        List<TopicStatus> before = show(catalog);
        before.forEach(this::repair);
        List<TopicStatus> after = awaitSettled(catalog);
        var changes = new ArrayList<TopicChange>();
        for (int i = 0; i < before.size(); i++) {
            changes.add(TopicChange.between(before.get(i), after.get(i)));
        }
        return changes;
    }

    private void repair(TopicStatus status) {
        TopicSpec spec = status.spec();
        if (!status.exists()) {
            cluster.create(spec);
            return;
        }
        var configs = new TreeMap<String, String>();
        for (Drift drift : status.drift()) {
            if (!drift.repairable()) {
                continue;
            }
            if (drift.setting().equals(TopicSpec.PARTITIONS)) {
                cluster.raisePartitions(spec.name(), spec.partitions());
            } else {
                configs.put(drift.setting(), drift.expected());
            }
        }
        if (!configs.isEmpty()) {
            cluster.set(spec.name(), configs);
        }
    }

    /**
     * Waits until the cluster reports the changes: the controller answers before the change has reached every broker.
     */
    private List<TopicStatus> awaitSettled(TopicCatalog catalog) {
        long start = System.nanoTime();
        while (true) {
            List<TopicStatus> status = show(catalog);
            List<TopicStatus> unsettled =
                    status.stream().filter(topic -> !topic.settled()).toList();
            if (unsettled.isEmpty()) {
                return status;
            }
            if (System.nanoTime() - start > SETTLE_TIMEOUT.toNanos()) {
                throw new ProvisioningException(
                        "topics: the cluster accepted the changes, but after " + SETTLE_TIMEOUT.toSeconds()
                                + " s it still reports " + unsettled
                                + "; check the controller's log, and whether another client changes these topics",
                        null);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(POLL_INTERVAL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProvisioningException("topics: interrupted before the cluster reported the changes", e);
        }
    }
}
