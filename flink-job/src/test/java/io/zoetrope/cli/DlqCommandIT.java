package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code dlq list} and {@code dlq replay} on a topic of failures. */
class DlqCommandIT {
    private static final KafkaPrompts NONE = new KafkaPrompts(List.of());

    private static EmbeddedBroker broker;

    /** The prompts on the topic. */
    private record KafkaPrompts(List<PromptRequest> all) {
        List<String> ids() {
            return all.stream().map(PromptRequest::requestId).toList();
        }
    }

    private final StringWriter out = new StringWriter();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = LocalBroker.start(folder, EmbeddedBroker.ANY_PORT);
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (FailedPrompt failure : List.of(
                    failure("retryable", "INFERENCE_FAILED", true, Instant.parse("2026-01-01T00:00:00Z")),
                    failure("final", "PROMPT_TOO_LONG", false, Instant.parse("2026-01-02T00:00:00Z")),
                    failure("twice", "OUT_OF_MEMORY", true, Instant.parse("2026-01-03T00:00:00Z")),
                    failure("twice~1", "OUT_OF_MEMORY", true, Instant.parse("2026-01-04T00:00:00Z")))) {
                producer.send(new ProducerRecord<>("zoetrope.failures", RecordCodec.FAILED_PROMPT.encode(failure)))
                        .get();
            }
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void theListHasTheSelectedFailures() {
        assertThat(run("list")).isEqualTo(Zoetrope.OK);
        assertThat(out.toString())
                .contains("2026-01-01T00:00:00Z      INFERENCE_FAILED      yes        retryable: planted")
                .contains("2026-01-02T00:00:00Z      PROMPT_TOO_LONG       no         final: planted")
                .contains("4 of 4 failures");

        assertThat(lines("list", "--code", "OUT_OF_MEMORY", "--code", "PROMPT_TOO_LONG"))
                .contains("3 of 4 failures");
        assertThat(lines("list", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-03T00:00:00Z"))
                .contains("1 of 4 failures");
        assertThat(lines("list", "--since", "1ms")).contains("0 of 4 failures");
        assertThat(lines("list", "--request-id", "final")).contains("1 of 4 failures");
    }

    @Test
    void aWrongFilterIsAUsageError() {
        assertThat(run("list", "--code", "INVALID")).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(run("list", "--since", "yesterday")).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(out.toString())
                .contains("--code INVALID: there is no such code; give one of [INVALID_EVENT,")
                .contains("--since yesterday: expected a time such as 2026-01-31T08:00:00Z, or a duration before now");
    }

    @Test
    void aReplayPublishesTheNewestOfEachRetryableFailureOnceUnderItsNextId() throws Exception {
        assertThat(run("replay", "--dry-run")).isEqualTo(Zoetrope.OK);
        assertThat(out.toString()).contains("2 would be replayed, 0 not replayed");
        assertThat(prompts()).isEqualTo(NONE);

        assertThat(run("replay", "--rate", "1")).isEqualTo(Zoetrope.OK);
        assertThat(run("replay", "--all", "--request-id", "final")).isEqualTo(Zoetrope.OK);

        assertThat(prompts().ids()).containsExactlyInAnyOrder("retryable~1", "twice~2", "final~1");
        assertThat(prompts().all()).allSatisfy(prompt -> {
            assertThat(prompt.labels()).containsKey(Replay.LABEL);
            assertThat(prompt.text()).isEqualTo("a red circle");
        });
    }

    private static FailedPrompt failure(String id, String code, boolean retryable, Instant time) {
        FailedPrompt failure = Segments.failed(id, "planted");
        failure.setCode(code);
        failure.setRetryable(retryable);
        failure.setFailedAt(time);
        failure.setValue(ByteBuffer.wrap(PromptCodec.encode(new RequestBuilder(id, "a red circle").build())));
        return failure;
    }

    /** Returns the committed prompts. */
    private static KafkaPrompts prompts() throws Exception {
        List<PromptRequest> prompts = new ArrayList<>();
        KafkaSettings kafka = KafkaSettings.of(broker.bootstrapServers());
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(kafka)) {
            TopicScan.read(
                    consumer, "zoetrope.prompts", kafka, record -> prompts.add(PromptCodec.decode(record.value())));
        }
        return new KafkaPrompts(prompts);
    }

    private String lines(String... arguments) {
        out.getBuffer().setLength(0);
        assertThat(run(arguments)).isEqualTo(Zoetrope.OK);
        return out.toString();
    }

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("dlq"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        PrintWriter writer = new PrintWriter(out, true);
        return Zoetrope.commandLine().setOut(writer).setErr(writer).execute(line.toArray(String[]::new));
    }
}
