package io.zoetrope.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The settings of one topic in the file: every one must be there, and no other may be.
 *
 * @param topic its name
 * @param settings what stands below the name
 * @param faults gets what is wrong
 */
record TopicFields(String topic, JsonNode settings, List<String> faults) {
    private static final List<String> KNOWN = List.of(
            TopicSpec.PARTITIONS,
            TopicSpec.REPLICATION_FACTOR,
            CLEANUP_POLICY_CONFIG,
            RETENTION_MS_CONFIG,
            MAX_MESSAGE_BYTES_CONFIG);
    private static final List<String> CLEANUP_POLICIES = List.of("delete", "compact", "compact,delete");
    private static final String CLUSTER_DEFAULT = "default";
    private static final int MOST_PARTITIONS = 10_000;

    /** The topic, or nothing when a fault was found. */
    Optional<TopicSpec> read() {
        int before = faults.size();
        if (!settings.isObject()) {
            faults.add(topic + ": expected the settings " + String.join(", ", KNOWN) + ", got "
                    + TopicsFile.described(settings));
            return Optional.empty();
        }
        settings.fieldNames().forEachRemaining(this::refuseUnknown);
        var spec = new TopicSpec(
                topic,
                (int) whole(TopicSpec.PARTITIONS, MOST_PARTITIONS, ""),
                replicationFactor(),
                cleanupPolicy(),
                Duration.ofMillis(whole(RETENTION_MS_CONFIG, Long.MAX_VALUE, "")),
                (int) whole(MAX_MESSAGE_BYTES_CONFIG, Integer.MAX_VALUE, ""));
        return faults.size() == before ? Optional.of(spec) : Optional.empty();
    }

    private void refuseUnknown(String field) {
        if (!KNOWN.contains(field)) {
            faults.add(topic + "." + field + ": no such setting; known are " + String.join(", ", KNOWN));
        }
    }

    private OptionalInt replicationFactor() {
        if (settings.path(TopicSpec.REPLICATION_FACTOR).asText().equals(CLUSTER_DEFAULT)) {
            return OptionalInt.empty();
        }
        String alternative = ", or \"" + CLUSTER_DEFAULT + "\" for the cluster's own";
        return OptionalInt.of((int) whole(TopicSpec.REPLICATION_FACTOR, Short.MAX_VALUE, alternative));
    }

    private String cleanupPolicy() {
        JsonNode value = settings.path(CLEANUP_POLICY_CONFIG);
        if (!CLEANUP_POLICIES.contains(value.asText())) {
            faults.add(topic + "." + CLEANUP_POLICY_CONFIG + ": expected one of " + String.join("; ", CLEANUP_POLICIES)
                    + ", got " + TopicsFile.described(value));
        }
        return value.asText();
    }

    /** A whole number from 1 to {@code most}; a fault and 1 where there is none. */
    private long whole(String field, long most, String alternative) {
        JsonNode value = settings.path(field);
        if (value.isIntegralNumber() && value.canConvertToLong() && value.asLong() >= 1 && value.asLong() <= most) {
            return value.asLong();
        }
        faults.add(topic + "." + field + ": expected a whole number from 1 to " + most + alternative + ", got "
                + TopicsFile.described(value));
        return 1;
    }
}
