package io.zoetrope.kafka;

import java.util.ArrayList;
import java.util.List;

/**
 * The status of a catalog's topic on a cluster.
 *
 * @param spec the topic's settings in the catalog
 * @param exists whether the topic exists on the cluster
 * @param drift the settings that differ; empty for a missing topic
 */
public record TopicStatus(TopicSpec spec, boolean exists, List<Drift> drift) {
    public TopicStatus {
        drift = List.copyOf(drift);
    }

    static TopicStatus missing(TopicSpec spec) {
        return new TopicStatus(spec, false, List.of());
    }

    static TopicStatus compare(TopicSpec spec, ClusterTopic actual) {
        var drift = new ArrayList<Drift>();
        if (spec.partitions() != actual.partitions()) {
            var repair = spec.partitions() > actual.partitions() ? Drift.Repair.APPLY : Drift.Repair.NEW_TOPIC;
            drift.add(Drift.of(TopicSpec.PARTITIONS, actual.partitions(), spec.partitions(), repair));
        }
        int replicas = spec.replicationFactor().orElse(actual.replicas());
        if (replicas != actual.replicas()) {
            drift.add(Drift.of(
                    TopicSpec.REPLICATION_FACTOR, actual.replicas(), replicas, Drift.Repair.REASSIGN_REPLICAS));
        }
        spec.configs().forEach((name, value) -> {
            String current = actual.configs().getOrDefault(name, "unset");
            if (!value.equals(current)) {
                drift.add(new Drift(name, current, value, Drift.Repair.APPLY));
            }
        });
        return new TopicStatus(spec, true, drift);
    }

    /** Returns whether the topic exists on the cluster with all settings of the catalog. */
    public boolean matches() {
        return exists && drift.isEmpty();
    }

    /** Returns whether {@link TopicProvisioner#apply} has nothing to do for this topic. */
    boolean settled() {
        return exists && drift.stream().noneMatch(Drift::repairable);
    }
}
