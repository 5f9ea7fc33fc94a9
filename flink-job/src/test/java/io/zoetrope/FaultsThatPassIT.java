package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that the job recovers without an operator when a fault of its surroundings has passed. */
class FaultsThatPassIT extends JobFixture {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final int REQUESTS = 20;

    @Test
    void aVideosTopicThatIsGoneForSecondsCostsNoAnswer() throws Exception {
        answersAfterTheVideosTopicWasGoneFor(Duration.ofSeconds(5));
    }

    /**
     * After a minute without the topic the sink fails; after another its cleanup fails too, and Flink ends the
     * TaskManager.
     */
    @Test
    @Tag("slow")
    void aVideosTopicThatIsGoneForMinutesCostsNoAnswer() throws Exception {
        answersAfterTheVideosTopicWasGoneFor(Duration.ofSeconds(150));
        assertThat(servers.flink().failure(job.running())).isPresent();
    }

    @Test
    void aBundleThatIsMissingAtTheFirstOpeningAndThereAtTheNextIsServed(@TempDir Path folder) throws Exception {
        Path bundle = BundleFolder.copy(folder).path();
        Path elsewhere = folder.resolve("elsewhere");
        EngineFactory engines = engines(bundle);
        Files.move(bundle, elsewhere);
        publish("request-");

        job.start(engines);
        await().atMost(TIMEOUT)
                .until(() -> servers.flink().failure(job.running()).isPresent());
        assertThat(servers.flink().failure(job.running()).orElseThrow().error().getExceptionAsString())
                .contains("bundle " + bundle + ": 1 fault")
                .contains("the bundle needs this file, it is missing");
        Files.move(elsewhere, bundle);

        topics.awaitAnswers(REQUESTS, TIMEOUT);
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aGraphThatNoProcessCanLoadFailsTheJobForGood(@TempDir Path folder) throws Exception {
        BundleFolder bundle = BundleFolder.copy(folder);
        byte[] otherGraph = Files.readAllBytes(bundle.path().resolve("text_encoder.onnx"));
        bundle.write("decoder.onnx", otherGraph);
        bundle.edit(manifest -> manifest.withObject("/decoder").put("sha256", DigestUtils.sha256Hex(otherGraph)));

        job.start(engines(bundle.path()));

        assertThat(job.failure()).contains("UnusableModelException").contains("decoder.onnx");
    }

    @Test
    void anInvalidBundleIsRefusedBeforeTheStart(@TempDir Path folder) throws Exception {
        BundleFolder bundle = BundleFolder.copy(folder);
        bundle.write("decoder.onnx", new byte[] {1, 2, 3});

        assertThatThrownBy(() -> engines(bundle.path()))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("decoder.onnx");
    }

    private void answersAfterTheVideosTopicWasGoneFor(Duration gone) throws Exception {
        job.start();
        publish("before-");
        topics.awaitAnswers(REQUESTS, TIMEOUT);
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();

        topics.delete(topics.videos);
        AnswerAudit later = new AnswerAudit();
        for (int i = 0; i < REQUESTS; i++) {
            later.expect("after-" + i);
            topics.publish("after-" + i, "a red circle");
        }
        long deleted = System.nanoTime();
        await().atMost(gone.plus(TIMEOUT)).until(() -> System.nanoTime() - deleted > gone.toNanos());
        topics.create(topics.videos);

        topics.awaitAnswers(REQUESTS, TIMEOUT);
        assertThat(later.faults(topics.segments(), topics.failures())).isEmpty();
    }

    private EngineFactory engines(Path bundle) {
        JobConfig config = JobConfig.read(
                List.of(new Setting("bundle", bundle.toString(), "the test")), Optional.empty(), topics.options());
        return ServedBundles.of(config, 0).engines().get(0);
    }

    private void publish(String name) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            audit.expect(name + i);
            topics.publish(name + i, "a red circle");
        }
    }
}
