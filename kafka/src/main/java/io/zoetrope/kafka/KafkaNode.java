package io.zoetrope.kafka;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.fault.LoggingFaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that runs Kafka's KRaft controller and broker together. Kafka's {@code KafkaRaftServer} composes the same
 * parts, but has two properties that do not fit here. It binds its ports itself, so a free port would have to be
 * guessed. It exits the process on a fatal fault; this class logs the fault as an error, and the waiting call fails.
 */
final class KafkaNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaNode.class);

    private final Path folder;
    private final ControllerServer controller;
    private final BrokerServer broker;

    private KafkaNode(Path folder, ControllerServer controller, BrokerServer broker) {
        this.folder = folder;
        this.controller = controller;
        this.broker = broker;
    }

    /** Formats the folder and creates a node that is not started yet. */
    static KafkaNode in(BrokerSettings settings, List<String> scramCredentials) {
        try {
            format(settings, scramCredentials);
            return assemble(settings.folder(), settings);
        } catch (Exception e) {
            throw unusable(settings.folder(), e);
        }
    }

    /** Starts the node and returns when the broker accepts clients. */
    void start() {
        try {
            // The controller starts first: the broker waits in its startup until the controller has registered it.
            controller.startup();
            broker.startup();
        } catch (Exception e) {
            throw unusable(folder, e);
        }
    }

    /** Stops the broker, then the controller: the broker's shutdown needs the controller. */
    @Override
    public void close() {
        broker.shutdown();
        controller.shutdown();
    }

    private static void format(BrokerSettings settings, List<String> scramCredentials) throws Exception {
        try (var discarded = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(discarded)
                    .setClusterId(BrokerSettings.CLUSTER_ID)
                    .setNodeId(BrokerSettings.NODE_ID)
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .setDirectories(List.of(settings.dataFolder()))
                    .setMetadataLogDirectory(settings.dataFolder())
                    .setScramArguments(scramCredentials)
                    .setIgnoreFormatted(true)
                    .run();
        }
    }

    private static KafkaNode assemble(Path folder, BrokerSettings settings) {
        var config = new KafkaConfig(settings.toMap(), false);
        var storage = KafkaRaftServer.initializeLogDirs(config, LOG, "");
        var shared = new SharedServer(
                config,
                storage._1(),
                Time.SYSTEM,
                Server.initializeMetrics(config, Time.SYSTEM, BrokerSettings.CLUSTER_ID),
                CompletableFuture.completedFuture(
                        QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                List.of(),
                (name, fatal, action) -> new LoggingFaultHandler(name, action),
                settings.sockets());
        return new KafkaNode(
                folder,
                new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2()),
                new BrokerServer(shared));
    }

    private static BrokerStartException unusable(Path folder, Exception cause) {
        return new BrokerStartException(
                "broker: could not start in " + folder + ": " + cause.getMessage()
                        + "; delete the folder's contents if they are not needed, or give an empty folder",
                cause);
    }
}
