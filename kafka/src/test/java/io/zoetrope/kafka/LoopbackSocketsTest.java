package io.zoetrope.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class LoopbackSocketsTest {
    @Test
    void bothSocketsAreBoundOnLoopbackOnly() throws IOException {
        try (var sockets = LoopbackSockets.bind(EmbeddedBroker.ANY_PORT)) {
            for (String listener : new String[] {BrokerSettings.BROKER, BrokerSettings.CONTROLLER}) {
                assertThat(bound(sockets, listener).getAddress().isLoopbackAddress())
                        .as(listener)
                        .isTrue();
            }
        }
    }

    @Test
    void kafkaGetsTheSocketOfTheAdvertisedAddress() throws IOException {
        try (var sockets = LoopbackSockets.bind(EmbeddedBroker.ANY_PORT)) {
            assertThat(sockets.brokerAddress())
                    .isEqualTo(
                            "127.0.0.1:" + bound(sockets, BrokerSettings.BROKER).getPort())
                    .isNotEqualTo(sockets.controllerAddress());
        }
    }

    @Test
    void anUnknownListenerIsRefused() {
        try (var sockets = LoopbackSockets.bind(EmbeddedBroker.ANY_PORT)) {
            assertThatThrownBy(() -> bound(sockets, "EXTERNAL"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("EXTERNAL");
        }
    }

    private static InetSocketAddress bound(LoopbackSockets sockets, String listener) throws IOException {
        var requested = InetSocketAddress.createUnresolved("0.0.0.0", 9092);
        return (InetSocketAddress)
                sockets.openServerSocket(listener, requested, 50, 1024).getLocalAddress();
    }
}
