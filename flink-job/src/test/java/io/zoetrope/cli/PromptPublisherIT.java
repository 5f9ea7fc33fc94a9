package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which first frames the prompts topic accepts. */
class PromptPublisherIT {
    private static final String TOPIC = "zoetrope.prompts";

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = LocalBroker.start(folder, EmbeddedBroker.ANY_PORT);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void firstFramesThatFitTheTopicArePublishedAndLargerOnesAreRefusedWithTheirSize() throws Exception {
        try (PromptPublisher publisher = new PromptPublisher(broker.bootstrapServers(), TOPIC)) {
            publisher.publish(withFirstFrame("large", 7 << 20));

            assertThatExceptionOfType(UsageException.class)
                    .isThrownBy(() -> publisher.publish(withFirstFrame("too-large", 9 << 20)))
                    .withMessageMatching(
                            "the prompt too-large has 94\\d{5} bytes with its first frame, more than the topic " + TOPIC
                                    + " accepts at .*; send a smaller image, .*");
        }
        assertThat(published())
                .singleElement()
                .satisfies(record -> assertThat(record.value().length).isGreaterThan(7 << 20));
    }

    private static PromptRequest withFirstFrame(String requestId, int bytes) {
        return new PromptRequest(
                requestId,
                "a red circle",
                Optional.empty(),
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(ByteBuffer.allocate(bytes)),
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    private static List<ConsumerRecord<byte[], byte[]>> published() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(partition -> new TopicPartition(TOPIC, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
