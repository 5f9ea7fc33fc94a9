package io.zoetrope.cli;

import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Says what is wrong with a Kafka address in words that help. */
final class KafkaAddress {
    /** Where {@code ./zoetrope up} listens. */
    static final String DEFAULT = "127.0.0.1:9092";

    private KafkaAddress() {}

    /**
     * Makes a client.
     *
     * @throws UsageException if the address is none
     */
    static <T> T connect(String bootstrapServers, Supplier<T> client) {
        try {
            return client.get();
        } catch (KafkaException e) {
            throw unreachable(bootstrapServers, e);
        }
    }

    /** What to tell when Kafka does not answer. */
    static UsageException unreachable(String bootstrapServers, KafkaException thrown) {
        Throwable reason = thrown.getCause() instanceof ConfigException ? thrown.getCause() : thrown;
        return new UsageException(
                "no Kafka answers at " + bootstrapServers + " (" + reason.getMessage()
                        + "); start one with ./zoetrope up, or give its address with --bootstrap-servers",
                thrown);
    }
}
