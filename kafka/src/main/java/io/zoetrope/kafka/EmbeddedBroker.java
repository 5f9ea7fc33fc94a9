package io.zoetrope.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;

/**
 * A Kafka broker inside this process, for the demo and the tests. It listens on loopback only. It stores topics,
 * offsets and transactions in its folder; a broker that is started later on the same folder restores them.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** The port number with which the system chooses a free port. */
    public static final int ANY_PORT = 0;

    private final FolderLock lock;
    private final LoopbackSockets sockets;
    private final KafkaNode node;

    private EmbeddedBroker(FolderLock lock, LoopbackSockets sockets, KafkaNode node) {
        this.lock = lock;
        this.sockets = sockets;
        this.node = node;
    }

    /**
     * Starts a broker and returns when it accepts clients.
     *
     * @param folder the folder of the broker's data. It is created if it is missing. Only one running broker can use
     *     it.
     * @param port the port for clients, or {@link #ANY_PORT}
     * @throws BrokerStartException if the port is taken, the folder is in use, or its contents cannot be read
     */
    public static EmbeddedBroker start(Path folder, int port) {
        return start(folder, port, Map.of(), List.of());
    }

    /**
     * Starts a broker whose settings differ, for example one that is secured.
     *
     * @param settings Kafka's settings, which override those of this class
     * @param scramCredentials users that exist from the start, in the form of Kafka's storage tool:
     *     {@code SCRAM-SHA-512=[name=...,password=...]}
     * @throws BrokerStartException as {@link #start(Path, int)} does
     */
    public static EmbeddedBroker start(
            Path folder, int port, Map<String, String> settings, List<String> scramCredentials) {
        FolderLock lock = lock(folder);
        LoopbackSockets sockets = null;
        KafkaNode node = null;
        try {
            sockets = LoopbackSockets.bind(port);
            node = KafkaNode.in(new BrokerSettings(folder.toAbsolutePath(), sockets, settings), scramCredentials);
            node.start();
            return new EmbeddedBroker(lock, sockets, node);
        } catch (Throwable e) {
            Utils.closeQuietly(node, "node");
            Utils.closeQuietly(sockets, "sockets");
            Utils.closeQuietly(lock, "folder lock");
            throw e;
        }
    }

    /** Returns the address for clients, as the value of their {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return sockets.brokerAddress();
    }

    /** Stops the broker and flushes its data to disk. */
    @Override
    public void close() {
        try (lock;
                sockets) {
            node.close();
        }
    }

    /**
     * Locks the folder for this broker. Kafka locks its folder too, but in combined mode only after the controller has
     * opened the metadata log and possibly written to it.
     */
    private static FolderLock lock(Path folder) {
        try {
            return FolderLock.tryOn(folder)
                    .orElseThrow(() -> new BrokerStartException(
                            "broker: the folder " + folder
                                    + " is in use by another broker; stop that broker, or give another folder",
                            null));
        } catch (IOException e) {
            throw new BrokerStartException(
                    "broker: could not lock the folder " + folder + " (" + e + "); give a writable folder", e);
        }
    }
}
