/** A cluster of separate JVMs: ZooKeeper, a Kafka broker, Flink's JobManager and its TaskManagers. */
@NullMarked
package io.zoetrope.chaos.cluster;

import org.jspecify.annotations.NullMarked;
