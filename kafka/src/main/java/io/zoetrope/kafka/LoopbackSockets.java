package io.zoetrope.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * The two server sockets of an embedded broker. They are bound on loopback before Kafka starts: a taken port is
 * detected at once, and no other process can take the chosen free port. Kafka gets each socket by the listener's name
 * and closes it on shutdown.
 */
final class LoopbackSockets implements ServerSocketFactory, AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final ServerSocketChannel broker;
    private final ServerSocketChannel controller;

    private LoopbackSockets(ServerSocketChannel broker, ServerSocketChannel controller) {
        this.broker = broker;
        this.controller = controller;
    }

    /**
     * Binds the broker's socket on the given port and the controller's socket on a free port.
     *
     * @throws BrokerStartException if the broker's port is taken
     */
    static LoopbackSockets bind(int brokerPort) {
        ServerSocketChannel broker = bindOne(brokerPort);
        try {
            return new LoopbackSockets(broker, bindOne(EmbeddedBroker.ANY_PORT));
        } catch (BrokerStartException e) {
            Utils.closeQuietly(broker, "the broker's socket");
            throw e;
        }
    }

    String brokerAddress() {
        return HOST + ":" + broker.socket().getLocalPort();
    }

    String controllerAddress() {
        return HOST + ":" + controller.socket().getLocalPort();
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listener, InetSocketAddress address, int backlog, int receiveBufferSize) throws IOException {
        return switch (listener) {
            case BrokerSettings.BROKER -> broker;
            case BrokerSettings.CONTROLLER -> controller;
            default -> throw new IOException("no socket is bound for the listener " + listener + " at " + address);
        };
    }

    @Override
    public void close() {
        try (broker;
                controller) {
            // try-with-resources closes the second socket even if closing the first one fails.
        } catch (IOException e) {
            throw new UncheckedIOException("broker: could not close the sockets on " + HOST, e);
        }
    }

    private static ServerSocketChannel bindOne(int port) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            try {
                channel.configureBlocking(false);
                return channel.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (BindException e) {
            throw new BrokerStartException(
                    "broker on " + HOST + ":" + port
                            + ": the port is taken; stop the process that listens on it, or choose another port",
                    e);
        } catch (IOException e) {
            throw new BrokerStartException(
                    "broker on " + HOST + ":" + port + ": could not open a socket: " + e.getMessage(), e);
        }
    }
}
