package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.rollout.Move;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Tests the operator of a job that serves two versions of one model, each with at most two requests in flight. */
class VersionsTest extends WaitingFixture {
    private static final Instant MOVED = Instant.parse("2026-11-29T12:00:00Z");
    private static final Instant BEFORE = MOVED.minusMillis(1);
    private static final String NEW = "toybox-64@" + "b2".repeat(6);

    private final FakeEngine.Factory first = version("a1");
    private final FakeEngine.Factory second = version("b2");
    private final PlannedMoves moves = new PlannedMoves();

    @Test
    void aPromptIsAnsweredByTheVersionOfTheTimeAtWhichItWasSent() throws Exception {
        WaitingHarness harness = open(EngineSet.of(first, second));
        harness.process(sent("1", BEFORE), sent("2", BEFORE), sent("3", BEFORE));

        moves.set(toSecond());
        harness.process(sent("4", MOVED), sent("5", BEFORE));
        answer(harness, first, "1", "2", "3");

        assertThat(sent(first)).as("those that waited, and one that was late").containsExactly("1", "2", "3", "5");
        assertThat(sent(second)).containsExactly("4");
    }

    @Test
    void aRestartAnswersEachPromptByTheSameVersion() throws Exception {
        moves.set(toSecond());
        WaitingHarness harness = open(EngineSet.of(first, second));
        for (int i = 0; i < 4; i++) {
            harness.process(sent("before-" + i, BEFORE), sent("after-" + i, MOVED));
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        close(harness);

        harness = open(EngineSet.of(first, second), state);
        answer(harness, first, "before-0", "before-1", "before-2", "before-3");
        answer(harness, second, "after-0", "after-1", "after-2", "after-3");

        assertThat(sent(first)).allMatch(id -> id.startsWith("before-")).hasSize(4);
        assertThat(sent(second)).allMatch(id -> id.startsWith("after-")).hasSize(4);
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void afterARestartWithoutAVersionItsPromptsAreAnsweredByTheOtherOne() throws Exception {
        WaitingHarness harness = open(EngineSet.of(first, second));
        for (int i = 0; i < 3; i++) {
            harness.process(sent("request-" + i, BEFORE));
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        close(harness);

        harness = open(EngineSet.of(second), state);
        answer(harness, second, "request-0", "request-1", "request-2");

        assertThat(sent(second)).containsExactlyInAnyOrder("request-0", "request-1", "request-2");
        assertThat(harness.failures()).isEmpty();
    }

    @Test
    void answersAreCountedByVersion() throws Exception {
        moves.set(toSecond(), new Move(Move.DEFAULT, Optional.of("gone"), MOVED));
        RecordedMetrics metrics = new RecordedMetrics();
        try (var harness = WaitingHarness.withMetrics(EngineSet.of(first, second), moves, metrics)) {
            harness.open();
            harness.processElement(sent("1", BEFORE), 0);
            harness.processElement(sent("2", MOVED), 0);
            engine(first).answerOf("1").complete(FakeEngine.video("1", 1, 100));
            engine(second).answerOf("2").completeExceptionally(new IllegalStateException("planted"));
            WaitingHarness.runMails(harness);
        }

        assertThat(metrics.count("model", "toybox-64@" + "a1".repeat(6), "videos"))
                .isEqualTo(1);
        assertThat(metrics.count("model", NEW, "videos")).isZero();
        assertThat(metrics.count("model", NEW, "code", "INFERENCE_FAILED", "failures"))
                .isEqualTo(1);
        assertThat(metrics.gauge("ignoredMoves")).isEqualTo(1);
    }

    private static Move toSecond() {
        return new Move("toybox-64", Optional.of(NEW), MOVED);
    }

    private static FakeEngine.Factory version(String digits) {
        return FakeEngine.Factory.version(UUID.randomUUID().toString(), "toybox-64", digits.repeat(32), 2);
    }

    private KafkaEvent sent(String requestId, Instant time) {
        return event(new RequestBuilder(requestId, "a red circle"), requestId, time);
    }

    private WaitingHarness open(EngineSet engines, OperatorSubtaskState... state) throws Exception {
        return open(new WaitingHarness(engines, moves, WaitingHarness.limits(100, "none")), state);
    }
}
