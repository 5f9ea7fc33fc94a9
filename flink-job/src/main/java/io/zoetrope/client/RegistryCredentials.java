package io.zoetrope.client;

import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The credentials for the schema registry: a setting beside those of Kafka's clients, under the name that Confluent's
 * serializers use. So it may refer to a secret as they may.
 */
public final class RegistryCredentials {
    /** The setting with user and password, joined by a colon. */
    public static final String SETTING = "basic.auth.user.info";

    private static final ConfigDef DEFINITION =
            new ConfigDef().define(SETTING, ConfigDef.Type.PASSWORD, null, ConfigDef.Importance.LOW, "user:password");

    private RegistryCredentials() {}

    /**
     * Returns user and password, joined by a colon; empty if none are given.
     *
     * @param settings those of {@link KafkaSettings#registry()}
     * @throws org.apache.kafka.common.config.ConfigException if a reference cannot be resolved in this process
     */
    public static Optional<String> resolve(Properties settings) {
        AbstractConfig resolved = new AbstractConfig(DEFINITION, settings, false);
        return Optional.ofNullable(resolved.getPassword(SETTING)).map(password -> password.value());
    }
}
