package io.zoetrope.kafka;

import java.nio.file.Path;
import org.apache.kafka.common.utils.Utils;

/**
 * A Kafka broker inside this process, for the demo and the tests. It listens on loopback only, and keeps topics, offsets
 * and transactions in its folder, where a later broker finds them again.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** As a port, lets the system choose a free one. */
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
     * Starts a broker and returns when it serves.
     *
     * @param folder where it keeps everything; made if it is missing, and of one running broker at a time
     * @param port where clients connect, or {@link #ANY_PORT}
     * @throws BrokerStartException if the port is taken, the folder is in use, or what lies there cannot be read
     */
    public static EmbeddedBroker start(Path folder, int port) {
        FolderLock lock = FolderLock.on(folder);
        LoopbackSockets sockets = null;
        KafkaNode node = null;
        try {
            sockets = LoopbackSockets.bind(port);
            node = KafkaNode.in(folder, sockets);
            node.start();
            return new EmbeddedBroker(lock, sockets, node);
        } catch (Throwable e) {
            Utils.closeQuietly(node, "node");
            Utils.closeQuietly(sockets, "sockets");
            Utils.closeQuietly(lock, "folder lock");
            throw e;
        }
    }

    /** Where clients connect, as their {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return sockets.brokerAddress();
    }

    /** Stops serving and writes out what it holds. */
    @Override
    public void close() {
        try (lock;
                sockets) {
            node.close();
        }
    }
}
