package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.TopicReader;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
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
        try (PromptPublisher publisher = new PromptPublisher(KafkaSettings.of(broker.bootstrapServers()), TOPIC)) {
            publisher.publish(withFirstFrame("large", 7 << 20));

            assertThatExceptionOfType(UsageException.class)
                    .isThrownBy(() -> publisher.publish(withFirstFrame("too-large", 9 << 20)))
                    .withMessageMatching(
                            "the prompt too-large has 94\\d{5} bytes with its first frame, more than the topic " + TOPIC
                                    + " accepts at .*; send a smaller image, .*");
        }
        assertThat(TopicReader.readAll(broker.bootstrapServers(), TOPIC, "read_uncommitted"))
                .singleElement()
                .satisfies(record -> assertThat(record.value().length).isGreaterThan(7 << 20));
    }

    private static PromptRequest withFirstFrame(String requestId, int bytes) {
        return new RequestBuilder(requestId, "a red circle")
                .firstFrame(ByteBuffer.allocate(bytes))
                .build();
    }
}
