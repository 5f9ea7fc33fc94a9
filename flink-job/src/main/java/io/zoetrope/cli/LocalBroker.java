package io.zoetrope.cli;

import io.zoetrope.kafka.BrokerStartException;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicProvisioner;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.utils.Exit;

/** Starts the in-process broker and creates the topics. */
final class LocalBroker {
    private LocalBroker() {}

    /** Starts a broker on a port, or on a free one if that port is in use, and creates the topics. */
    static EmbeddedBroker start(Path folder, int port) {
        Exit.setHaltProcedure((status, message) -> {
            System.err.println(reason(folder));
            Runtime.getRuntime().halt(Zoetrope.COMMAND_FAILED);
        });
        EmbeddedBroker broker = startOnPortOrFreeOne(folder, port);
        try (Admin admin = Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
            new TopicProvisioner(admin).apply(TopicCatalog.shipped());
            return broker;
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** Returns why the broker ends the process. It does that if it cannot write to its folder any more. */
    private static String reason(Path folder) {
        return DiskFull.explain(folder)
                .orElse("the Kafka broker of this process cannot write to " + folder + "; the log has the reason: "
                        + Logs.file() + "; make the folder writable, and start again");
    }

    private static EmbeddedBroker startOnPortOrFreeOne(Path folder, int port) {
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
