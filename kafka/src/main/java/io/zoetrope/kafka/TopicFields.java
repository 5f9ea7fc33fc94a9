package io.zoetrope.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.COMPRESSION_TYPE_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads the settings of one topic in the file. Every known setting is required, and other settings are refused.
 *
 * @param topic the topic's name
 * @param settings the YAML value under the name
 * @param faults the list to which faults are added
 */
record TopicFields(String topic, JsonNode settings, List<String> faults) {
    private static final List<String> KNOWN = List.of(
            TopicSpec.PARTITIONS,
            TopicSpec.REPLICATION_FACTOR,
            CLEANUP_POLICY_CONFIG,
            RETENTION_MS_CONFIG,
            MAX_MESSAGE_BYTES_CONFIG,
            MESSAGE_TIMESTAMP_TYPE_CONFIG,
            COMPRESSION_TYPE_CONFIG);
    private static final List<String> TIMESTAMP_TYPES = List.of("CreateTime", "LogAppendTime");
    private static final List<String> COMPRESSION_TYPES =
            List.of("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd");
    private static final List<String> CLEANUP_POLICIES = List.of("delete", "compact", "compact,delete");
    private static final String CLUSTER_DEFAULT = "default";
    private static final int MAX_PARTITIONS = 10_000;

    /** Returns the topic, or empty if a fault was found. */
    Optional<TopicSpec> read() {
        int before = faults.size();
        if (!settings.isObject()) {
            faults.add(topic + ": expected the settings " + String.join(", ", KNOWN) + ", got "
                    + TopicsFile.describe(settings));
            return Optional.empty();
        }
        settings.fieldNames().forEachRemaining(this::refuseUnknown);
        var spec = new TopicSpec(
                topic,
                (int) positiveInteger(TopicSpec.PARTITIONS, MAX_PARTITIONS, ""),
                replicationFactor(),
                oneOf(CLEANUP_POLICY_CONFIG, CLEANUP_POLICIES),
                Duration.ofMillis(positiveInteger(RETENTION_MS_CONFIG, Long.MAX_VALUE, "")),
                (int) positiveInteger(MAX_MESSAGE_BYTES_CONFIG, Integer.MAX_VALUE, ""),
                oneOf(MESSAGE_TIMESTAMP_TYPE_CONFIG, TIMESTAMP_TYPES),
                oneOf(COMPRESSION_TYPE_CONFIG, COMPRESSION_TYPES));
        return faults.size() == before ? Optional.of(spec) : Optional.empty();
    }

    private void refuseUnknown(String field) {
        if (!KNOWN.contains(field)) {
            faults.add(topic + "." + field + ": unknown setting; the known settings are " + String.join(", ", KNOWN));
        }
    }

    private OptionalInt replicationFactor() {
        if (settings.path(TopicSpec.REPLICATION_FACTOR).asText().equals(CLUSTER_DEFAULT)) {
            return OptionalInt.empty();
        }
        String alternative = ", or \"" + CLUSTER_DEFAULT + "\" for the cluster's default";
        return OptionalInt.of((int) positiveInteger(TopicSpec.REPLICATION_FACTOR, Short.MAX_VALUE, alternative));
    }

    /** Returns the field's value, and adds a fault if it is not one of the given words. */
    private String oneOf(String field, List<String> words) {
        JsonNode value = settings.path(field);
        if (!words.contains(value.asText())) {
            faults.add(topic + "." + field + ": expected one of " + String.join("; ", words) + ", got "
                    + TopicsFile.describe(value));
        }
        return value.asText();
    }

    /** Returns the field's value if it is an integer from 1 to {@code max}; otherwise adds a fault and returns 1. */
    private long positiveInteger(String field, long max, String alternative) {
        JsonNode value = settings.path(field);
        if (value.isIntegralNumber() && value.canConvertToLong() && value.asLong() >= 1 && value.asLong() <= max) {
            return value.asLong();
        }
        faults.add(topic + "." + field + ": expected an integer from 1 to " + max + alternative + ", got "
                + TopicsFile.describe(value));
        return 1;
    }
}
