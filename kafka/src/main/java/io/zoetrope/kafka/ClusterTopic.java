package io.zoetrope.kafka;

import java.util.Map;

/**
 * A topic as a cluster has it.
 *
 * @param partitions how many
 * @param replicas of the partition that has the fewest
 * @param configs the values in effect, be they the topic's own or the cluster's
 */
record ClusterTopic(int partitions, int replicas, Map<String, String> configs) {}
