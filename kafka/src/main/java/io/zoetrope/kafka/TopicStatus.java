package io.zoetrope.kafka;

import java.util.ArrayList;
import java.util.List;

/**
 * How a topic of the catalog stands on a cluster.
 *
 * @param spec what the catalog says
 * @param exists whether the cluster has it at all
 * @param drift where it differs; empty for a topic that is missing
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

    /** Whether the cluster has the topic as the catalog says. */
    public boolean matches() {
        return exists && drift.isEmpty();
    }

    /** Whether {@link TopicProvisioner#apply} has nothing to do here. */
    boolean settled() {
        return exists && drift.stream().noneMatch(Drift::repairable);
    }
}
