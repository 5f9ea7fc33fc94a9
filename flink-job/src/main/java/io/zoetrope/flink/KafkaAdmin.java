package io.zoetrope.flink;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Opens Kafka admin clients that report an error if Kafka does not respond in time. */
public final class KafkaAdmin {
    /** The time that a Kafka client waits for a response before it reports an error. */
    public static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);

    private KafkaAdmin() {}

    /**
     * Opens an admin client. It connects with its first request, so an address at which no Kafka runs is an error of
     * that request.
     *
     * @throws org.apache.kafka.common.KafkaException if the text is not a list of addresses
     */
    public static Admin open(String bootstrapServers) {
        return Admin.create(Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) RESPONSE_TIMEOUT.toMillis(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) RESPONSE_TIMEOUT.toMillis()));
    }
}
