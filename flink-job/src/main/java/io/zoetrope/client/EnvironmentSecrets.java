package io.zoetrope.client;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.jspecify.annotations.Nullable;

/**
 * Resolves {@code ${env:NAME}} in the settings of Kafka clients. Kafka's own provider leaves the reference in place if
 * the variable is missing, so the text of the reference would be sent as the password. This one reports it.
 */
public final class EnvironmentSecrets implements ConfigProvider {
    private final UnaryOperator<@Nullable String> environment;

    /** Creates the provider. Kafka calls this. */
    public EnvironmentSecrets() {
        this(System::getenv);
    }

    EnvironmentSecrets(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public ConfigData get(String path) {
        throw new ConfigException("a reference to all environment variables is not supported; write ${env:NAME}");
    }

    @Override
    public ConfigData get(String path, Set<String> names) {
        Map<String, String> values = new HashMap<>();
        for (String name : names) {
            String value = environment.apply(name);
            if (value == null) {
                throw new ConfigException("the Kafka settings refer to ${env:" + name + "}, but the environment"
                        + " variable " + name + " is not set here; set it for every process that connects to Kafka");
            }
            values.put(name, value);
        }
        return new ConfigData(values);
    }

    @Override
    public void close() {}
}
