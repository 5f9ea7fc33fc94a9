package io.zoetrope.client;

import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * A kind of Kafka client.
 *
 * @param names the names of its settings
 */
record ClientKind(Set<String> names) {
    static final ClientKind CONSUMER = new ClientKind(ConsumerConfig.configNames());
    static final ClientKind PRODUCER = new ClientKind(ProducerConfig.configNames());
    static final ClientKind ADMIN = new ClientKind(AdminClientConfig.configNames());

    private static final List<ClientKind> ALL = List.of(CONSUMER, PRODUCER, ADMIN);

    /**
     * Returns whether clients of this kind get a setting. A setting that only other kinds know is left out, because
     * Kafka would log a warning for it. A setting that no kind knows may belong to a plug-in, so all clients get it;
     * except the credentials of the schema registry, which no client of Kafka needs.
     */
    boolean uses(String key) {
        return names.contains(key)
                || (!key.equals(RegistryCredentials.SETTING)
                        && ALL.stream().noneMatch(kind -> kind.names.contains(key)));
    }
}
