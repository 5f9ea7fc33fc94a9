package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the whole job on the shipped bundle, with a real broker and a real cluster. */
class VideoIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final String PROMPT = "a red circle moving right on a black background";

    private EmbeddedBroker broker;
    private LocalCluster cluster;
    private TestTopics topics;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(2, folder.resolve("flink"), 0);
        topics = new TestTopics(broker.bootstrapServers());
        JobConfig config = JobConfig.read(
                List.of(new Setting("bundle", "../onnx-export/bundles/toybox-64", "the test")),
                Optional.empty(),
                topics.options("--checkpoint-interval", "200 ms", "--parallelism", "2"));
        var env = cluster.environment();
        VideoPipeline.assemble(env, config, ServedBundles.of(config, 0));
        cluster.run(env, topics.prompts);
    }

    @AfterEach
    void stop() throws Exception {
        topics.close();
        cluster.close();
        broker.close();
    }

    @Test
    void equalPromptAndSeedGiveEqualBytesInAnyBatchAndUnsupportedRequestsFailAlone() throws Exception {
        topics.publish("alone", PROMPT, 7);
        awaitAnswers(1);

        for (int i = 0; i < 8; i++) {
            topics.publish("other-" + i, "a large yellow star spinning on a dark blue background", i);
        }
        topics.publish("among", PROMPT, 7);
        send(request("model").model("toybox-9000"));
        send(new RequestBuilder("long", "a very ".repeat(80) + PROMPT).seed(7));
        send(request("steps").steps(3));
        send(request("size").width(1280));
        send(request("two-steps").model("toybox-64").steps(2).width(64));
        awaitAnswers(15);

        assertThat(topics.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactlyInAnyOrder(
                        tuple("model", "UNKNOWN_MODEL"),
                        tuple("long", "PROMPT_TOO_LONG"),
                        tuple("steps", "INVALID_EVENT"),
                        tuple("size", "UNSUPPORTED_SHAPE"));
        assertThat(topics.segments()).hasSize(11);
        assertThat(segment("alone").getBatchSize()).isEqualTo(1);
        assertThat(payload("among")).isEqualTo(payload("alone"));
        assertThat(payload("other-1")).isNotEqualTo(payload("alone"));
        assertThat(payload("two-steps")).isNotEqualTo(payload("alone"));
        assertThat(segment("two-steps").getSampler()).isEqualTo("two-step");
    }

    private static RequestBuilder request(String requestId) {
        return new RequestBuilder(requestId, PROMPT).seed(7);
    }

    private void send(RequestBuilder builder) throws Exception {
        PromptRequest request = builder.build();
        topics.send(TestTopics.key(request.requestId()), PromptCodec.encode(request));
    }

    private ByteBuffer payload(String requestId) throws Exception {
        return segment(requestId).getPayload();
    }

    private VideoSegment segment(String requestId) throws Exception {
        return topics.segments().stream()
                .filter(segment -> segment.getRequestId().equals(requestId))
                .findFirst()
                .orElseThrow();
    }

    private void awaitAnswers(int count) {
        topics.awaitAnswers(count, TIMEOUT);
    }
}
