package io.zoetrope.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedBrokerIT {
    @TempDir
    private static Path shared;

    private static EmbeddedBroker broker;
    private static Clients clients;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start(shared, EmbeddedBroker.ANY_PORT);
        clients = new Clients(broker.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void whatIsProducedIsConsumed() throws Exception {
        create(clients, "plain");

        clients.produce("plain", "a", "b", "c");

        assertThat(clients.committed("plain")).containsExactly("a", "b", "c");
    }

    @Test
    void anAbortedTransactionIsNotReadAndACommittedOneIs() throws Exception {
        create(clients, "transactions");
        Map<String, Object> transactional = Map.of("transactional.id", "writer", "transaction.timeout.ms", 600_000);
        try (var producer = clients.producer(transactional)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("transactions", "aborted")).get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("transactions", "committed")).get();
            producer.commitTransaction();
        }

        assertThat(clients.committed("transactions")).containsExactly("committed");
    }

    @Test
    void anUnknownTopicIsNotCreatedAutomatically() {
        try (Admin admin = clients.admin()) {
            assertThatThrownBy(() -> admin.describeTopics(List.of("mistyped"))
                            .allTopicNames()
                            .get())
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void aPortInUseIsReportedWithItsNumber() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedBroker.start(folder, taken.getLocalPort()))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessage("broker on 127.0.0.1:" + taken.getLocalPort()
                            + ": the port is taken; stop the process that listens on it, or choose another port");
        }
    }

    @Test
    void aFolderInUseIsRefusedAndItsBrokerServesOn() throws Exception {
        create(clients, "survivor");

        assertThatThrownBy(() -> EmbeddedBroker.start(shared, EmbeddedBroker.ANY_PORT))
                .isInstanceOf(BrokerStartException.class)
                .hasMessage("broker: the folder " + shared
                        + " is in use by another broker; stop that broker, or give another folder");

        clients.produce("survivor", "still here");
        assertThat(clients.committed("survivor")).containsExactly("still here");
    }

    @Test
    void aBrokerOnAnOldFolderServesItsDataEvenOnAnotherPort() throws Exception {
        String first;
        try (var before = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT)) {
            first = before.bootstrapServers();
            create(new Clients(first), "kept");
            new Clients(first).produce("kept", "a");
        }
        try (var other = new ServerSocket(portOf(first), 1, InetAddress.getLoopbackAddress());
                var after = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT)) {
            assertThat(after.bootstrapServers()).isNotEqualTo("127.0.0.1:" + other.getLocalPort());
            assertThat(new Clients(after.bootstrapServers()).committed("kept")).containsExactly("a");
        }
    }

    @Test
    void aFixedPortIsKeptAndFreeAgainAfterClose() throws Exception {
        int port;
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        try (var fixed = EmbeddedBroker.start(folder, port)) {
            assertThat(fixed.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
        }
        try (var again = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(again.getLocalPort()).isEqualTo(port);
        }
    }

    @Test
    void aFolderOfAnotherClusterIsRefused() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("meta.properties"), "version=1\nnode.id=1\ncluster.id=another-cluster\n");

        assertThatThrownBy(() -> EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT))
                .isInstanceOf(BrokerStartException.class)
                .hasMessageStartingWith("broker: could not start in " + folder + ": ")
                .hasMessageContaining("another-cluster");
    }

    private static void create(Clients clients, String topic) throws Exception {
        try (Admin admin = clients.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
