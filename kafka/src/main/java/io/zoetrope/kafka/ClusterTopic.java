package io.zoetrope.kafka;

import java.util.Map;

/**
 * The current state of a topic on a cluster.
 *
 * @param partitions the number of partitions
 * @param replicas the number of replicas of the partition that has the fewest
 * @param configs the config values in effect, whether set on the topic or inherited from the cluster
 */
record ClusterTopic(int partitions, int replicas, Map<String, String> configs) {}
