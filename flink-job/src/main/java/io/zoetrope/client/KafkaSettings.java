package io.zoetrope.client;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;

/**
 * The settings that every Kafka client of this program is created with. Immutable.
 *
 * <p>A value may refer to a secret: {@code ${env:NAME}}, {@code ${file:/path}} or {@code ${file:/path:key}}. The
 * references stay in the settings. Kafka resolves them in the process that creates the client, so a job that is
 * submitted to a cluster carries references and not secrets.
 */
public final class KafkaSettings {
    /** The time that a Kafka client waits for a response before it reports an error. */
    public static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);

    /** Kafka's plug-ins that resolve references. The names are those in the references. */
    private static final Map<String, String> RESOLVERS = Map.of(
            AbstractConfig.CONFIG_PROVIDERS_CONFIG,
            "env,file",
            AbstractConfig.CONFIG_PROVIDERS_CONFIG + ".env.class",
            EnvironmentSecrets.class.getName(),
            AbstractConfig.CONFIG_PROVIDERS_CONFIG + ".file.class",
            FileSecrets.class.getName());

    private final String servers;
    private final Map<String, String> given;

    private KafkaSettings(String servers, Map<String, String> given) {
        this.servers = servers;
        this.given = Map.copyOf(given);
    }

    /** Returns the settings of clients that need nothing but addresses. */
    public static KafkaSettings of(String bootstrapServers) {
        return new KafkaSettings(bootstrapServers, Map.of());
    }

    /**
     * Returns the settings of a job's clients.
     *
     * @throws ConfigException with every problem of the settings
     */
    public static KafkaSettings of(JobConfig config) {
        return of(config.get(JobOptions.BOOTSTRAP_SERVERS), config.get(JobOptions.CLIENT_PROPERTIES), config.kafka());
    }

    /**
     * Returns the settings of clients.
     *
     * @param file a file of Kafka client properties; {@code settings} override it
     * @param settings Kafka's own settings, by Kafka's names
     * @throws ConfigException with every problem of the settings
     */
    public static KafkaSettings of(String bootstrapServers, Optional<Path> file, Map<String, String> settings) {
        List<String> problems = new ArrayList<>();
        Map<String, String> all = new TreeMap<>();
        file.ifPresent(path -> all.putAll(ClientProperties.read(path, problems)));
        all.keySet()
                .forEach(key -> ReservedSettings.reason(key)
                        .ifPresent(reason -> problems.add(file.orElseThrow() + ": " + key + ": " + reason)));
        settings.keySet()
                .forEach(key -> ReservedSettings.reason(key)
                        .ifPresent(reason -> problems.add("--" + JobConfig.KAFKA_PREFIX + key + ": " + reason)));
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        all.putAll(settings);
        return new KafkaSettings(bootstrapServers, all);
    }

    /** Returns the addresses of the brokers to connect to first. */
    public String servers() {
        return servers;
    }

    /** Returns a setting of the operator, with its references unresolved; empty if it is not given. */
    public Optional<String> given(String key) {
        return Optional.ofNullable(given.get(key));
    }

    /** Returns all settings of the operator, with their references unresolved. */
    public Map<String, String> given() {
        return given;
    }

    /** Returns the settings of a consumer of committed records that commits no offsets by itself. */
    public Properties consumer() {
        Properties properties = client(ClientKind.CONSUMER);
        properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        return properties;
    }

    /** Returns the settings of a producer whose records are replicated before they count as sent, and sent once. */
    public Properties producer() {
        Properties properties = client(ClientKind.PRODUCER);
        properties.setProperty(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.setProperty(ProducerConfig.ACKS_CONFIG, "all");
        return properties;
    }

    /** Returns the settings of an admin client that reports an error if Kafka does not respond in time. */
    public Properties admin() {
        Properties properties = new Properties();
        String timeout = Long.toString(RESPONSE_TIMEOUT.toMillis());
        properties.setProperty(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        properties.setProperty(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        properties.putAll(client(ClientKind.ADMIN));
        return properties;
    }

    /**
     * Returns the operator's credentials for the schema registry, with their references unresolved, and what resolves
     * them: see {@link RegistryCredentials}.
     */
    public Properties registry() {
        Properties properties = new Properties();
        given(RegistryCredentials.SETTING)
                .ifPresent(value -> properties.setProperty(RegistryCredentials.SETTING, value));
        properties.putAll(RESOLVERS);
        return properties;
    }

    /**
     * Opens an admin client. It connects with its first request, so an address at which no Kafka runs is an error of
     * that request.
     *
     * @throws org.apache.kafka.common.KafkaException if a setting is invalid or a reference cannot be resolved
     */
    public Admin openAdmin() {
        return Admin.create(admin());
    }

    private Properties client(ClientKind kind) {
        Properties properties = new Properties();
        given.forEach((key, value) -> {
            if (kind.uses(key)) {
                properties.setProperty(key, value);
            }
        });
        properties.putAll(RESOLVERS);
        properties.setProperty(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        return properties;
    }

    /** Returns the addresses and the names of the settings, without their values. */
    @Override
    public String toString() {
        return servers + " " + new TreeMap<>(given).keySet();
    }
}
