package io.zoetrope.cli;

import io.zoetrope.kafka.BrokerStartException;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicProvisioner;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** The in-process broker with its topics. */
final class LocalBroker {
    private LocalBroker() {}

    /** Starts a broker at a port, or at a free one where that is taken, and makes the topics. */
    static EmbeddedBroker start(Path folder, int port) {
        EmbeddedBroker broker = listening(folder, port);
        try (Admin admin = Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
            new TopicProvisioner(admin).apply(TopicCatalog.shipped());
            return broker;
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    private static EmbeddedBroker listening(Path folder, int port) {
        try {
            return EmbeddedBroker.start(folder, port);
        } catch (BrokerStartException e) {
            if (port == EmbeddedBroker.ANY_PORT) {
                throw e;
            }
            return EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT);
        }
    }
}
