package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Queue;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the reader on a real broker; running out of memory is simulated, as the Kafka client shows it. */
class PromptSplitReaderIT {
    private static final TopicPartition FIRST = new TopicPartition("prompts", 0);
    private static final TopicPartition SECOND = new TopicPartition("prompts", 1);

    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT);
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
                var producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic("prompts", 2, (short) 1)))
                    .all()
                    .get();
            for (int i = 0; i < 5; i++) {
                for (int partition = 0; partition < 2; partition++) {
                    byte[] value = (partition + "-" + i).getBytes(StandardCharsets.UTF_8);
                    producer.send(new ProducerRecord<>("prompts", partition, null, value))
                            .get();
                }
            }
        }
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void aRecordThatDoesNotFitIsSkippedAndEveryOtherOneIsRead() throws Exception {
        try (FailingReader reader = new FailingReader()) {
            reader.handleSplitsChanges(new SplitsAddition<>(
                    List.of(new KafkaPartitionSplit(FIRST, 0), new KafkaPartitionSplit(SECOND, 0))));
            List<String> read = new ArrayList<>(read(reader, 3));
            long failedAt = reader.failNextRecordOf(FIRST, read, 2);
            read.addAll(read(reader, 7));

            assertThat(read).hasSize(10).contains("prompts-0@" + failedAt + " unreadable");
            assertThat(read).doesNotContain("0-" + failedAt).doesNotHaveDuplicates();
        }
    }

    @Test
    void aRecordThatFitsWhenItIsReadAgainIsNotSkipped() throws Exception {
        try (FailingReader reader = new FailingReader()) {
            reader.handleSplitsChanges(new SplitsAddition<>(
                    List.of(new KafkaPartitionSplit(FIRST, 0), new KafkaPartitionSplit(SECOND, 0))));
            List<String> read = new ArrayList<>(read(reader, 3));
            reader.failNextRecordOf(FIRST, read, 1);
            read.addAll(read(reader, 4));
            reader.failNextRecordOf(SECOND, read, 1);
            read.addAll(read(reader, 3));

            assertThat(read).hasSize(10).doesNotHaveDuplicates();
            for (int partition = 0; partition < 2; partition++) {
                String prefix = partition + "-";
                assertThat(read.stream().filter(text -> text.startsWith(prefix)))
                        .containsExactly(prefix + 0, prefix + 1, prefix + 2, prefix + 3, prefix + 4);
            }
        }
    }

    @Test
    void anErrorWithoutARecordAtFaultIsThrown() throws Exception {
        try (FailingReader reader = new FailingReader()) {
            reader.handleSplitsChanges(new SplitsAddition<>(List.of(new KafkaPartitionSplit(FIRST, 0))));
            reader.faults.add(Optional.of(new OutOfMemoryError("planted")));

            assertThatThrownBy(reader::fetch).isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void aFetchHasOneRecord() throws Exception {
        try (FailingReader reader = new FailingReader()) {
            reader.handleSplitsChanges(new SplitsAddition<>(List.of(new KafkaPartitionSplit(FIRST, 0))));

            for (int i = 0; i < 5; i++) {
                assertThat(texts(reader.fetch())).hasSize(1);
            }
        }
    }

    private static List<String> read(PromptSplitReader reader, int count) throws IOException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.addAll(texts(reader.fetch()));
        }
        return texts;
    }

    private static List<String> texts(RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetched) {
        List<String> texts = new ArrayList<>();
        while (fetched.nextSplit() != null) {
            for (var record = fetched.nextRecordFromSplit(); record != null; record = fetched.nextRecordFromSplit()) {
                texts.add(
                        record instanceof UnreadableRecord
                                ? record.topic() + "-" + record.partition() + "@" + record.offset() + " unreadable"
                                : new String(record.value(), StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    /** A reader that fails before it reads, as the Kafka client does: first by the error, then by naming the partition. */
    private static final class FailingReader extends PromptSplitReader implements AutoCloseable {
        /** What happens at the next polls; an empty element lets one through. */
        private final Queue<Optional<Throwable>> faults = new ArrayDeque<>();

        FailingReader() {
            super(settings(), new Context(), new KafkaSourceReaderMetrics(new Context().metricGroup()));
        }

        private static Properties settings() {
            Properties settings = KafkaSettings.of(broker.bootstrapServers()).consumer();
            settings.setProperty("group.id", "test");
            settings.setProperty("client.id.prefix", "test");
            settings.setProperty("key.deserializer", ByteArrayDeserializer.class.getName());
            settings.setProperty("value.deserializer", ByteArrayDeserializer.class.getName());
            settings.setProperty("auto.offset.reset", "earliest");
            return settings;
        }

        /** Fails the next record of a partition a number of times, and returns its offset. */
        long failNextRecordOf(TopicPartition partition, List<String> read, int times) {
            for (int i = 0; i < times; i++) {
                faults.add(Optional.of(new OutOfMemoryError("planted")));
                faults.add(Optional.of(new KafkaException("Received exception when fetching the next record from "
                        + partition + ". If needed, please seek" + " past the record to continue consumption.")));
                // The poll at another position, which drops the batch.
                faults.add(Optional.empty());
            }
            return read.stream()
                    .filter(text -> text.startsWith(partition.partition() + "-"))
                    .count();
        }

        @Override
        RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> poll() throws IOException {
            Throwable fault = Objects.requireNonNullElse(faults.poll(), Optional.<Throwable>empty())
                    .orElse(null);
            if (fault instanceof OutOfMemoryError error) {
                throw error;
            }
            if (fault instanceof KafkaException exception) {
                throw exception;
            }
            return super.poll();
        }
    }

    /** The context of a reader whose metrics nobody reads. */
    private record Context() implements SourceReaderContext {
        @Override
        public SourceReaderMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSourceReaderMetricGroup();
        }

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "localhost";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public void sendSplitRequest() {}

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {}

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(PromptSplitReaderIT.class.getClassLoader());
        }
    }
}
