package io.zoetrope.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The topics that a cluster has to have, as the reviewed file {@code kafka/topics.yaml} defines them.
 *
 * @param topics the topics in the file's order
 */
public record TopicCatalog(List<TopicSpec> topics) {
    private static final String SHIPPED = "topics.yaml";

    public TopicCatalog {
        topics = List.copyOf(topics);
    }

    /** Returns the catalog that this build contains. */
    public static TopicCatalog shipped() {
        try (InputStream yaml = Objects.requireNonNull(TopicCatalog.class.getResourceAsStream(SHIPPED), SHIPPED)) {
            return TopicsFile.parse(SHIPPED, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException("topics: could not read the file " + SHIPPED + " of this build", e);
        }
    }

    /**
     * Reads another file of the same format.
     *
     * @throws TopicCatalogException if the file is invalid; the message lists all faults
     */
    public static TopicCatalog read(Path file) throws IOException {
        try (InputStream yaml = Files.newInputStream(file)) {
            return TopicsFile.parse(file.toString(), yaml);
        }
    }
}
