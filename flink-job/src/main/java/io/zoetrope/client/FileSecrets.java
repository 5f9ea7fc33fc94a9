package io.zoetrope.client;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;

/**
 * Resolves two references in the settings of Kafka clients: {@code ${file:/path}} is a whole file without the line end
 * at its end, as containers mount secrets; {@code ${file:/path:key}} is a value in a file of Java properties, as in
 * Kafka's own provider. A reference that cannot be resolved is an error, and is not used as the value.
 */
public final class FileSecrets implements ConfigProvider {
    /** Returns the reference to a value in a file of Java properties. */
    static String reference(Path file, String key) {
        return "${file:" + file.toAbsolutePath() + ":" + key + "}";
    }

    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public ConfigData get(String path) {
        throw new ConfigException("a reference to all values of a file is not supported; write ${file:/path:key}");
    }

    /**
     * Returns the values.
     *
     * @param path the file of properties; empty if each name is the path of a file that contains one value
     */
    @Override
    public ConfigData get(String path, Set<String> names) {
        Map<String, String> values = new HashMap<>();
        if (path.isEmpty()) {
            names.forEach(name -> values.put(name, content(name)));
        } else {
            Properties properties = properties(path);
            names.forEach(name -> values.put(name, property(path, properties, name)));
        }
        return new ConfigData(values);
    }

    @Override
    public void close() {}

    private static String property(String path, Properties properties, String name) {
        String value = properties.getProperty(name);
        if (value == null) {
            throw new ConfigException("the Kafka settings refer to ${file:" + path + ":" + name + "}, but " + path
                    + " has no value " + name + "; add it, as " + name + "=value");
        }
        return value;
    }

    private static String content(String path) {
        try {
            return Files.readString(Path.of(path)).replaceFirst("\\R\\z", "");
        } catch (IOException | InvalidPathException e) {
            throw unreadable(path, e);
        }
    }

    private static Properties properties(String path) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(path))) {
            properties.load(reader);
            return properties;
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(path, e);
        }
    }

    private static ConfigException unreadable(String path, Exception e) {
        return new ConfigException("the Kafka settings refer to the file " + path + ", which cannot be read here ("
                + e.getClass().getSimpleName() + "); put it there, readable, for every process that connects to Kafka");
    }
}
