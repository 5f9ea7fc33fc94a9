package io.zoetrope.client;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Knows which settings of Kafka hold secrets. */
final class SecretSettings {
    /** The settings that Kafka itself hides in its logs. */
    private static final Set<String> PASSWORDS = new TreeSet<>();

    static {
        Stream.of(ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef())
                .flatMap(definition -> definition.configKeys().values().stream())
                .filter(key -> key.type == ConfigDef.Type.PASSWORD)
                .forEach(key -> PASSWORDS.add(key.name));
    }

    private SecretSettings() {}

    /** Returns whether the values of a setting are secret. A setting of a plug-in is judged by its name. */
    static boolean contains(String key) {
        String name = key.toLowerCase(Locale.ROOT);
        return PASSWORDS.contains(key)
                || key.equals(RegistryCredentials.SETTING)
                || Stream.of("password", "secret", "token", "credential", "jaas", "apikey", "api.key")
                        .anyMatch(name::contains);
    }
}
