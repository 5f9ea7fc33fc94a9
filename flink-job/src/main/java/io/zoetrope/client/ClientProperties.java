package io.zoetrope.client;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Reads the file that {@code --client-properties} names: Java properties, as Kafka's own tools read them. */
final class ClientProperties {
    private ClientProperties() {}

    /**
     * Returns the settings of a file. A secret stays in the file: the setting refers to it, and is read again in the
     * process that creates a client.
     *
     * @param problems receives an entry if the file cannot be read
     */
    static Map<String, String> read(Path file, List<String> problems) {
        Properties properties = new Properties();
        if (file.toAbsolutePath().toString().matches(".*[:}].*")) {
            problems.add("--client-properties " + file
                    + ": the path has a colon or a brace, which Kafka's references cannot hold; rename it");
            return Map.of();
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            problems.add("--client-properties " + file + ": cannot be read (" + e
                    + "); give a file of Kafka client properties");
        }
        Map<String, String> settings = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            String value = properties.getProperty(key);
            boolean literal = SecretSettings.contains(key) && !value.contains("${");
            settings.put(key, literal ? FileSecrets.reference(file, key) : value);
        }
        return settings;
    }
}
