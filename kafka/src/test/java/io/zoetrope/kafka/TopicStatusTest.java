package io.zoetrope.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TopicStatusTest {
    private static final TopicSpec SPEC =
            new TopicSpec("clips", 4, OptionalInt.of(3), "delete", Duration.ofDays(7), 1024, "CreateTime", "producer");

    @Test
    void aTopicAsTheCatalogSaysMatches() {
        TopicStatus status = TopicStatus.compare(SPEC, new ClusterTopic(4, 3, SPEC.configs()));

        assertThat(status.matches()).isTrue();
        assertThat(status.settled()).isTrue();
    }

    @Test
    void aMissingTopicHasNoDriftButDoesNotMatch() {
        TopicStatus status = TopicStatus.missing(SPEC);

        assertThat(status.drift()).isEmpty();
        assertThat(status.matches()).isFalse();
        assertThat(status.settled()).isFalse();
    }

    @Test
    void partitionsCanBeRaisedButNotTakenAway() {
        assertThat(TopicStatus.compare(SPEC, new ClusterTopic(2, 3, SPEC.configs()))
                        .drift())
                .containsExactly(new Drift("partitions", "2", "4", Drift.Repair.APPLY));
        assertThat(TopicStatus.compare(SPEC, new ClusterTopic(6, 3, SPEC.configs()))
                        .drift())
                .containsExactly(new Drift("partitions", "6", "4", Drift.Repair.NEW_TOPIC));
    }

    @Test
    void replicasHaveToBeReassignedByAnOperator() {
        TopicStatus status = TopicStatus.compare(SPEC, new ClusterTopic(4, 1, SPEC.configs()));

        assertThat(status.drift())
                .containsExactly(new Drift("replication.factor", "1", "3", Drift.Repair.REASSIGN_REPLICAS));
        assertThat(status.matches()).isFalse();
        assertThat(status.settled()).isTrue();
    }

    @Test
    void theClustersReplicationFactorMatchesAny() {
        var anyReplicas = new TopicSpec(
                "clips", 4, OptionalInt.empty(), "delete", Duration.ofDays(7), 1024, "CreateTime", "producer");

        assertThat(TopicStatus.compare(anyReplicas, new ClusterTopic(4, 2, anyReplicas.configs()))
                        .matches())
                .isTrue();
    }

    @Test
    void aConfigThatDiffersIsReported() {
        Map<String, String> configs = new HashMap<>(SPEC.configs());
        configs.put("retention.ms", "1");
        configs.remove("max.message.bytes");

        assertThat(TopicStatus.compare(SPEC, new ClusterTopic(4, 3, configs)).drift())
                .containsExactlyInAnyOrder(
                        new Drift("retention.ms", "1", "604800000", Drift.Repair.APPLY),
                        new Drift("max.message.bytes", "unset", "1024", Drift.Repair.APPLY));
    }
}
