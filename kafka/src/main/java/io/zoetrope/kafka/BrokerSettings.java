package io.zoetrope.kafka;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The Kafka settings of a single node that is both broker and controller, sized for a laptop.
 *
 * @param folder the folder of the node's data
 * @param sockets the sockets of the two listeners
 * @param more settings that override those of this class
 */
record BrokerSettings(Path folder, LoopbackSockets sockets, Map<String, String> more) {
    /** The cluster id. It is fixed because Kafka refuses a folder that was formatted with another cluster id. */
    static final String CLUSTER_ID = "em9ldHJvcGUtYnJva2VyLQ";

    static final int NODE_ID = 1;
    static final String BROKER = "BROKER";
    static final String CONTROLLER = "CONTROLLER";

    String dataFolder() {
        return folder.resolve("data").toString();
    }

    Map<String, String> toMap() {
        var settings = new HashMap<String, String>();
        address(settings);
        singleNodeCluster(settings);
        smallFootprint(settings);
        settings.putAll(more);
        return settings;
    }

    private void address(Map<String, String> settings) {
        String broker = BROKER + "://" + sockets.brokerAddress();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("log.dirs", dataFolder());
        settings.put("listeners", broker + "," + CONTROLLER + "://" + sockets.controllerAddress());
        settings.put("advertised.listeners", broker);
        settings.put("listener.security.protocol.map", BROKER + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("inter.broker.listener.name", BROKER);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("controller.quorum.voters", NODE_ID + "@" + sockets.controllerAddress());
    }

    private static void singleNodeCluster(Map<String, String> settings) {
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // A consumer group here has one member, the job, so there are no other members to wait for.
        settings.put("group.initial.rebalance.delay.ms", "0");
        // All topics are created from the reviewed file; a mistyped name has to be an error.
        settings.put("auto.create.topics.enable", "false");
    }

    private static void smallFootprint(Map<String, String> settings) {
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("num.replica.alter.log.dirs.threads", "1");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        // The default is 50 partitions per topic. Every partition takes time to create and keeps a file handle open.
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
    }
}
