package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.config.ConfigException;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.registry.Apicurio;
import io.zoetrope.registry.FakeRegistry;
import io.zoetrope.registry.TestRegistry;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import io.zoetrope.wire.RegistryFraming;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a job that speaks the framing of a schema registry, against the API of one in this process. */
class SchemaRegistryIT extends JobFixture {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final int UNKNOWN = 4711;

    private FakeRegistry registry;

    @BeforeEach
    void startTheRegistry() throws Exception {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stopTheRegistry() {
        registry.close();
    }

    @Test
    void aPromptInRegistryFramingIsAnsweredInRegistryFraming() throws Exception {
        assertThatAnswersAreInRegistryFraming(registry);
    }

    /** The real server: Apicurio Registry, with the API that is compatible with Confluent's. */
    @Test
    @Tag("slow")
    void apicurioIsSuchARegistry(@TempDir Path folder) throws Exception {
        try (Apicurio apicurio = Apicurio.start(folder)) {
            assertThatAnswersAreInRegistryFraming(apicurio);
        }
    }

    private void assertThatAnswersAreInRegistryFraming(TestRegistry registry) throws Exception {
        int promptId = registry.add(topics.prompts + "-value", RecordCodec.PROMPT_EVENT.schemaText());
        job.start("--schema-registry", registry.url());
        byte[] unreadable = framed("unknown", "a circle", UNKNOWN);
        topics.send(null, framed("video", "a circle", promptId));
        topics.send(null, framed("failure", StubEngines.FAIL, promptId));
        topics.send(null, unreadable);
        topics.publish("single-object", "a circle");

        topics.awaitValues(4, TIMEOUT);

        int segmentId = registry.id(topics.videos + "-value");
        int failureId = registry.id(topics.failures + "-value");
        assertThat(topics.values(topics.videos))
                .hasSize(2)
                .allSatisfy(value -> assertThat(RegistryFraming.schemaId(value)).isEqualTo(segmentId));
        assertThat(topics.values(topics.failures))
                .hasSize(2)
                .allSatisfy(value -> assertThat(RegistryFraming.schemaId(value)).isEqualTo(failureId));
        assertThat(decoded(topics.videos, RecordCodec.VIDEO_SEGMENT))
                .extracting(VideoSegment::getRequestId)
                .containsExactlyInAnyOrder("video", "single-object");
        assertThat(decoded(topics.failures, RecordCodec.FAILED_PROMPT))
                .anySatisfy(failure -> {
                    assertThat(failure.getRequestId()).isEqualTo("failure");
                    assertThat(failure.getValue())
                            .isEqualTo(ByteBuffer.wrap(framed("failure", StubEngines.FAIL, promptId)));
                })
                .anySatisfy(failure -> {
                    assertThat(failure.getCode()).isEqualTo("INVALID_EVENT");
                    assertThat(failure.getMessage()).contains("the schema id " + UNKNOWN + " is not in the registry");
                    assertThat(failure.getValue()).isEqualTo(ByteBuffer.wrap(unreadable));
                });
    }

    /** What is in flight was converted before, so a restart needs no registry. */
    @Test
    void aJobContinuesAfterARestartWithoutTheRegistry() throws Exception {
        int promptId = registry.add("any", RecordCodec.PROMPT_EVENT.schemaText());
        job.start("--schema-registry", registry.url());
        topics.send(null, framed("before", "a circle", promptId));
        topics.awaitValues(1, TIMEOUT);
        topics.send(null, framed("broken", StubEngines.BREAK_ONCE, promptId));
        registry.close();
        topics.send(null, framed("after", "a circle", promptId));

        topics.awaitValues(3, TIMEOUT);

        assertThat(decoded(topics.videos, RecordCodec.VIDEO_SEGMENT))
                .extracting(VideoSegment::getRequestId)
                .containsExactlyInAnyOrder("before", "broken", "after");
    }

    @Test
    void aJobWhoseRegistryDoesNotAnswerDoesNotStart() {
        registry.close();

        assertThatThrownBy(() -> job.start("--schema-registry", registry.url()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the schema registry at " + registry.url() + " did not answer");
    }

    private static byte[] framed(String requestId, String text, int schemaId) {
        byte[] event = PromptCodec.encode(new RequestBuilder(requestId, text).build());
        return RegistryFraming.ofSingleObject(event, schemaId);
    }

    /** Decodes with the header of the current schema, which is the one that the job registers. */
    private <T extends org.apache.avro.specific.SpecificRecord> List<T> decoded(String topic, RecordCodec<T> codec)
            throws Exception {
        byte[] header = codec.header(codec.schemaText()).orElseThrow();
        List<T> records = new java.util.ArrayList<>();
        for (byte[] value : topics.values(topic)) {
            records.add(codec.decode(RegistryFraming.toSingleObject(value, header)));
        }
        return records;
    }
}
