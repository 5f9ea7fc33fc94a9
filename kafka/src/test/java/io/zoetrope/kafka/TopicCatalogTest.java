package io.zoetrope.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicCatalogTest {
    @TempDir
    private Path folder;

    @Test
    void theShippedFileNamesTheTopicsOfTheFlow() {
        assertThat(TopicCatalog.shipped().topics())
                .extracting(TopicSpec::name)
                .containsExactly("zoetrope.prompts", "zoetrope.videos", "zoetrope.failures", "zoetrope.rollouts");
    }

    @Test
    void aFailureHasRoomForTheWholeEventThatFailed() {
        int prompt = shipped("zoetrope.prompts").maxMessageBytes();
        int failure = shipped("zoetrope.failures").maxMessageBytes();

        assertThat(failure).isGreaterThan(prompt);
    }

    @Test
    void everySettingOfATopicIsRead() throws IOException {
        TopicCatalog catalog = read("""
                clips:
                  partitions: 3
                  replication.factor: 2
                  cleanup.policy: compact,delete
                  retention.ms: 86400000
                  max.message.bytes: 1024
                  message.timestamp.type: CreateTime
                  compression.type: producer
                """);

        assertThat(catalog.topics())
                .containsExactly(new TopicSpec(
                        "clips",
                        3,
                        OptionalInt.of(2),
                        "compact,delete",
                        Duration.ofDays(1),
                        1024,
                        "CreateTime",
                        "producer"));
        assertThat(catalog.topics().get(0).configs())
                .containsOnly(
                        entry("cleanup.policy", "compact,delete"),
                        entry("retention.ms", "86400000"),
                        entry("max.message.bytes", "1024"),
                        entry("message.timestamp.type", "CreateTime"),
                        entry("compression.type", "producer"));
    }

    @Test
    void theClustersReplicationFactorIsCalledDefault() throws IOException {
        TopicCatalog catalog = read("""
                clips:
                  partitions: 3
                  replication.factor: default
                  cleanup.policy: delete
                  retention.ms: 86400000
                  max.message.bytes: 1024
                  message.timestamp.type: CreateTime
                  compression.type: producer
                """);

        assertThat(catalog.topics().get(0).replicationFactor()).isEmpty();
    }

    @Test
    void allFaultsAreReportedAtOnce() {
        assertThatThrownBy(() -> read("""
                        clips:
                          partitions: 0
                          replication.factor: three
                          cleanup.policy: shred
                          retention.ms: 7 days
                          max.message.byte: 1024
                        my clips:
                          - partitions
                        """))
                .isInstanceOf(TopicCatalogException.class)
                .hasMessageStartingWith(folder.resolve("topics.yaml") + ": 10 faults\n")
                .hasMessageContainingAll(
                        "clips.partitions: expected an integer from 1 to 10000, got \"0\"",
                        "clips.replication.factor: expected an integer from 1 to 32767, or \"default\" for the"
                                + " cluster's default, got \"three\"",
                        "clips.cleanup.policy: expected one of delete; compact; compact,delete, got \"shred\"",
                        "clips.retention.ms: expected an integer from 1 to 9223372036854775807, got \"7 days\"",
                        "clips.max.message.byte: unknown setting; the known settings are partitions,"
                                + " replication.factor,",
                        "clips.max.message.bytes: expected an integer from 1 to 2147483647, got nothing",
                        "clips.message.timestamp.type: expected one of CreateTime; LogAppendTime, got nothing",
                        "clips.compression.type: expected one of producer; uncompressed; gzip; snappy; lz4; zstd, got nothing",
                        "my clips: Kafka does not accept this topic name",
                        "my clips: expected the settings partitions, replication.factor, cleanup.policy,"
                                + " retention.ms, max.message.bytes, message.timestamp.type,"
                                + " compression.type, got a list");
    }

    @Test
    void aDuplicateTopicIsRefused() {
        assertThatThrownBy(() -> read("clips: {}\nclips: {}\n"))
                .isInstanceOf(TopicCatalogException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("Duplicate field 'clips'");
    }

    @Test
    void brokenYamlIsRefusedWithItsLine() {
        assertThatThrownBy(() -> read("clips:\n  partitions: [1\n"))
                .isInstanceOf(TopicCatalogException.class)
                .hasMessageContaining("line 2: invalid YAML");
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThatThrownBy(() -> read(""))
                .isInstanceOf(TopicCatalogException.class)
                .hasMessageContaining("expected a map from topic names to settings, got nothing");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("none.yaml");

        assertThatThrownBy(() -> TopicCatalog.read(missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.yaml");
    }

    private TopicCatalog read(String yaml) throws IOException {
        return TopicCatalog.read(Files.writeString(folder.resolve("topics.yaml"), yaml));
    }

    private static TopicSpec shipped(String name) {
        return TopicCatalog.shipped().topics().stream()
                .filter(topic -> topic.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
