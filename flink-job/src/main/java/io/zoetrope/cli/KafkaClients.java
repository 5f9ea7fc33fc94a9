package io.zoetrope.cli;

import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Creates Kafka clients, and turns their errors into messages that name the remedy. */
final class KafkaClients {
    private KafkaClients() {}

    /**
     * Creates a client.
     *
     * @param bootstrapServers the addresses that the client connects to, for the error message
     * @throws UsageException if the client does not accept the addresses
     */
    static <T> T create(String bootstrapServers, Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (KafkaException e) {
            throw unreachable(bootstrapServers, e);
        }
    }

    /** Returns the error to report if Kafka does not respond. */
    static UsageException unreachable(String bootstrapServers, KafkaException thrown) {
        Throwable reason = thrown.getCause() instanceof ConfigException ? thrown.getCause() : thrown;
        return new UsageException(
                "no Kafka responds at " + bootstrapServers + " (" + reason.getMessage()
                        + "); start one with ./zoetrope up, or give its address with --bootstrap-servers",
                thrown);
    }
}
