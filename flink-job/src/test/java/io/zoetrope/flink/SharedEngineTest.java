package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.engine.EngineRegistry;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import io.zoetrope.schema.FailedPrompt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests two slots of a process that share one engine. */
class SharedEngineTest {
    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());

    @Test
    void aSlotThatClosesCancelsItsOwnRequestsOnly() throws Exception {
        try (GenerateHarness staying = new GenerateHarness(engines)) {
            staying.open();
            staying.process(Events.prompt("request-1"));
            try (GenerateHarness closing = new GenerateHarness(engines)) {
                closing.open();
                closing.process(Events.prompt("request-2"), Events.prompt("request-3"), Events.prompt("request-4"));
                engine().answerOf("request-2").complete(FakeEngine.video("request-2", 1, 100));
                assertThat(closing.segments()).hasSize(1);
            }

            assertThat(engine().cancelled)
                    .containsExactlyInAnyOrder(new RequestId("request-3"), new RequestId("request-4"));
            assertThat(engine().closed).isFalse();
            engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
            assertThat(staying.segments()).hasSize(1);
        }
        assertThat(engine().closed).as("closed with the last slot").isFalse();
        EngineRegistry.closeIdle();
        assertThat(engine().closed).as("closed when the job has ended").isTrue();
    }

    @Test
    void aTombstoneLeavesTheRequestOfAnotherJobThatHasTheSameId() throws Exception {
        try (GenerateHarness job = new GenerateHarness(engines);
                GenerateHarness other = new GenerateHarness(engines)) {
            job.open();
            other.open();
            job.process(Events.prompt("request-1"));
            CompletableFuture<Video> answer = engine().answerOf("request-1");
            other.process(Events.prompt("request-1"));

            other.process(Events.tombstone("request-1"));

            assertThat(other.failures()).extracting(FailedPrompt::getCode).containsExactly("CANCELLED");
            assertThat(answer).isNotDone();
            answer.complete(FakeEngine.video("request-1", 1, 100));
            assertThat(job.segments()).hasSize(1);
        }
        EngineRegistry.closeIdle();
    }

    @Test
    void aJobThatRestartsTakesOverTheEngine() throws Exception {
        try (GenerateHarness failing = new GenerateHarness(engines)) {
            failing.open();
            failing.process(Events.prompt("request-1"));
        }
        try (GenerateHarness restarted = new GenerateHarness(engines)) {
            restarted.open();
            restarted.process(Events.prompt("request-1"));
            engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

            assertThat(restarted.segments()).hasSize(1);
        }
        assertThat(engine().closed).isFalse();
        EngineRegistry.closeIdle();
    }

    private FakeEngine engine() {
        assertThat(engines.opened()).hasSize(1);
        return engines.opened().get(0);
    }
}
