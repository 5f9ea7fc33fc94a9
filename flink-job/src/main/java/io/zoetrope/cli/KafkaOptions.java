package io.zoetrope.cli;

import io.zoetrope.client.KafkaAccess;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the commands that connect to a running Kafka. */
public final class KafkaOptions {
    /** The address at which the broker of {@code ./zoetrope up} listens, unless it is started with other options. */
    static final String DEFAULT_SERVERS = "127.0.0.1:" + LocalServers.Ports.DEFAULT_BROKER;

    /** The option with the addresses. */
    public static final String SERVERS = "--bootstrap-servers";

    /** The option with a file of settings. */
    public static final String FILE = "--client-properties";

    /** The option that stands for all of Kafka's settings. Its value is {@code name=value}. */
    public static final String SETTING = "--" + JobConfig.KAFKA_PREFIX + "SETTING";

    /** The help text of {@link #SETTING}, in which picocli reads two dollar signs as one. */
    static final String SETTING_DESCRIPTION = "A setting of Kafka's clients, by Kafka's name, such as"
            + " --kafka.security.protocol SASL_SSL. $${env:NAME}, $${file:/path} and $${file:/path:key} refer to"
            + " secrets.";

    @Option(
            names = SERVERS,
            paramLabel = "SERVERS",
            description = "Addresses of Kafka brokers to connect to first, host:port, separated by commas."
                    + " Default: ${DEFAULT-VALUE}.")
    private String servers = DEFAULT_SERVERS;

    @Option(
            names = FILE,
            paramLabel = "FILE",
            description = "File of Kafka client properties, such as Kafka's own tools read.")
    private @Nullable Path file;

    @Option(names = SETTING, paramLabel = "VALUE", description = SETTING_DESCRIPTION)
    private List<String> settings = List.of();

    /**
     * Returns the settings of Kafka's clients, after a look at the listener that they connect to.
     *
     * @throws io.zoetrope.config.ConfigException with every problem of the settings
     * @throws UsageException if the listener expects TLS or credentials that the settings lack
     */
    public KafkaSettings value() {
        Map<String, String> given = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            given.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        KafkaSettings kafka = KafkaSettings.of(servers, Optional.ofNullable(file), given);
        KafkaAccess.fault(kafka).ifPresent(fault -> {
            throw new UsageException(fault);
        });
        return kafka;
    }

    /**
     * Rewrites the arguments of the form {@code --kafka.name value} and {@code --kafka.name=value} to the one option
     * that picocli knows: {@link #SETTING} and {@code name=value}. picocli has no options with a common prefix.
     */
    public static String[] rewrite(String... arguments) {
        String prefix = "--" + JobConfig.KAFKA_PREFIX;
        List<String> rewritten = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith(prefix) || argument.length() == prefix.length()) {
                rewritten.add(argument);
                continue;
            }
            String setting = argument.substring(prefix.length());
            if (!setting.contains("=")) {
                if (i + 1 == arguments.length) {
                    rewritten.add(argument);
                    continue;
                }
                setting += "=" + arguments[++i];
            }
            rewritten.add(SETTING + "=" + setting);
        }
        return rewritten.toArray(String[]::new);
    }
}
