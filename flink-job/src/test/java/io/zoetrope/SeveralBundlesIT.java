package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests one job that serves the shipped bundle and a tiny one of a published model, against a job for each. */
class SeveralBundlesIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final String TOYBOX = "toybox-64";
    private static final String WAN = "wan21-t2v";
    private static final int PROMPTS = 6;

    private EmbeddedBroker broker;
    private LocalCluster cluster;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(2, folder.resolve("flink"), 0);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        broker.close();
    }

    @Test
    void oneJobAnswersEachPromptByItsModelWithTheBytesOfAJobForThatModelAlone() throws Exception {
        List<PromptRequest> ofToybox = prompts(Optional.of(TOYBOX));
        List<PromptRequest> ofWan = prompts(Optional.of(WAN));
        List<PromptRequest> ofDefault = prompts(Optional.empty());
        Map<String, ByteBuffer> expected = new TreeMap<>();
        expected.putAll(payloads(run(List.of(TOYBOX), ofToybox)));
        expected.putAll(payloads(run(List.of(TOYBOX), ofDefault)));
        expected.putAll(payloads(run(List.of(WAN), ofWan)));
        assertThat(expected).hasSize(3 * PROMPTS);

        List<PromptRequest> together = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            together.addAll(List.of(ofToybox.get(i), ofWan.get(i), ofDefault.get(i)));
        }
        List<VideoSegment> videos = run(List.of(TOYBOX, WAN), together);

        assertThat(videos).allSatisfy(video -> {
            String model = video.getRequestId().startsWith(WAN) ? WAN : TOYBOX;
            assertThat(video.getModel()).as(video.getRequestId()).isEqualTo(model);
            assertThat(video.getModelDigest())
                    .isEqualTo(ModelBundle.open(folder(model)).digest());
        });
        assertThat(payloads(videos)).isEqualTo(expected);
    }

    /** Returns prompts whose ids begin with the model's name; texts and seeds are equal for all models. */
    private static List<PromptRequest> prompts(Optional<String> model) {
        List<PromptRequest> prompts = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            RequestBuilder prompt = new RequestBuilder(
                            model.orElse("default") + "-" + i, "a red circle moving right on a black background")
                    .seed(i % 3)
                    .steps(PromptRequest.DEFAULT_STEPS);
            prompts.add((model.isPresent() ? prompt.model(model.get()) : prompt).build());
        }
        return prompts;
    }

    /** Runs a job with the given bundles, in two slots, until it has answered the prompts and one for no model. */
    private List<VideoSegment> run(List<String> models, List<PromptRequest> prompts) throws Exception {
        try (TestTopics topics = new TestTopics(broker.bootstrapServers())) {
            List<String> options = new ArrayList<>(List.of("--checkpoint-interval", "200 ms", "--parallelism", "2"));
            List<Setting> bundles = models.stream()
                    .map(model -> new Setting("bundle", folder(model).toString(), "the test"))
                    .toList();
            JobConfig config =
                    JobConfig.read(bundles, Optional.empty(), topics.options(options.toArray(String[]::new)));
            var env = cluster.environment();
            VideoPipeline.assemble(env, config, ServedBundles.of(config, 0));
            LocalCluster.Job job = cluster.run(env, topics.prompts);

            for (PromptRequest prompt : prompts) {
                send(topics, prompt);
            }
            send(
                    topics,
                    new RequestBuilder("unknown", "a star").model("toybox-9000").build());
            topics.awaitAnswers(prompts.size() + 1, TIMEOUT);
            cluster.cancel(job);

            assertThat(topics.failures()).singleElement().satisfies(failure -> {
                assertThat(failure.getCode()).isEqualTo("UNKNOWN_MODEL");
                assertThat(failure.getMessage()).contains(models).contains("toybox-9000");
            });
            return topics.segments();
        }
    }

    private static Path folder(String model) {
        return model.equals(TOYBOX)
                ? Path.of("../onnx-export/bundles/toybox-64")
                : Path.of("src/test/resources/published/wan21-t2v");
    }

    private static void send(TestTopics topics, PromptRequest request) throws Exception {
        topics.send(TestTopics.key(request.requestId()), PromptCodec.encode(request));
    }

    private static Map<String, ByteBuffer> payloads(List<VideoSegment> videos) {
        Map<String, ByteBuffer> payloads = new TreeMap<>();
        videos.forEach(video -> payloads.put(video.getRequestId(), video.getPayload()));
        return payloads;
    }
}
