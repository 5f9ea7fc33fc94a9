package io.zoetrope.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * Makes a cluster's topics match a catalog, or tells where they differ. Nothing is ever deleted, and topics that the
 * catalog does not name are left alone.
 */
public final class TopicProvisioner {
    private static final Duration SETTLES_WITHIN = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    private final ClusterTopics cluster;

    /** Speaks to the cluster through {@code admin}, which stays the caller's to close. */
    public TopicProvisioner(Admin admin) {
        this.cluster = new ClusterTopics(admin);
    }

    /**
     * How each topic of the catalog stands, in the catalog's order.
     *
     * @throws ProvisioningException if the cluster does not answer or refuses
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
     * Makes missing topics, raises partition counts, and sets what differs; a second call changes nothing. It returns
     * when the cluster tells of all that it was told, with what was done to each topic, in the catalog's order.
     *
     * @throws ProvisioningException if the cluster does not answer, refuses, or does not settle within 30 seconds
     */
    public List<TopicChange> apply(TopicCatalog catalog) {
        List<TopicStatus> before = show(catalog);
        before.forEach(this::repair);
        List<TopicStatus> after = settled(catalog);
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

    /** The controller answers before every broker has heard of the change. */
    private List<TopicStatus> settled(TopicCatalog catalog) {
        long start = System.nanoTime();
        while (true) {
            List<TopicStatus> status = show(catalog);
            List<TopicStatus> open = status.stream().filter(s -> !s.settled()).toList();
            if (open.isEmpty()) {
                return status;
            }
            if (System.nanoTime() - start > SETTLES_WITHIN.toNanos()) {
                throw new ProvisioningException(
                        "topics: told the cluster, but after " + SETTLES_WITHIN.toSeconds() + " s it still shows "
                                + open + "; see its controller's log, or whether somebody else changes these topics",
                        null);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProvisioningException("topics: interrupted before the cluster showed the change", e);
        }
    }
}
