package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the operator in virtual time, on answer topics that the test controls. */
class KeepUntilCommittedTest {
    private static final long POLL_MS = 100;
    private static final long RETRY_MS = 1000;

    private final List<KeepUntilCommittedSubtask> subtasks = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (KeepUntilCommittedSubtask subtask : subtasks) {
            subtask.harness.close();
            assertThat(subtask.topics.closed).isTrue();
        }
    }

    @Test
    void answersAreForwardedAndKeptUntilTheirCheckpointIsComplete() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(video("a"), failure("b"));

        assertThat(subtask.emitted()).containsExactly("a", "b");
        assertThat(keptIn(subtask.snapshot(1))).isEqualTo(digests(video("a"), failure("b")));

        subtask.complete(1);
        assertThat(keptIn(subtask.snapshot(2))).isEmpty();
    }

    @Test
    void answersAfterASnapshotBelongToTheNextCheckpoint() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(video("a"));
        subtask.snapshot(1);
        subtask.process(video("b"));
        subtask.complete(1);

        assertThat(keptIn(subtask.snapshot(2))).isEqualTo(digests(video("b")));
    }

    @Test
    void answersOfACheckpointThatDoesNotCompleteAreKeptUntilALaterOneDoes() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(video("a"));
        subtask.snapshot(1);
        subtask.process(video("b"));

        assertThat(keptIn(subtask.snapshot(2))).isEqualTo(digests(video("a"), video("b")));

        subtask.complete(2);
        assertThat(keptIn(subtask.snapshot(3))).isEmpty();
    }

    @Test
    void answersThatAreNotVisibleAfterARestoreAreSentAgainAndKept() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a"), failure("b"), video("c")));

        restored.search().found().complete(digests(failure("b")));
        assertThat(restored.emitted()).isEmpty();
        restored.harness.setProcessingTime(POLL_MS);

        assertThat(restored.emitted()).containsExactly("a", "c");
        assertThat(keptIn(restored.snapshot(2))).isEqualTo(digests(video("a"), video("c")));
        restored.complete(2);
        assertThat(keptIn(restored.snapshot(3))).isEmpty();
    }

    @Test
    void newAnswersDoNotWaitForTheSearchAndRestoredOnesAreKeptMeanwhile() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a")));

        restored.process(video("new"));
        restored.harness.setProcessingTime(10 * POLL_MS);

        assertThat(restored.emitted()).containsExactly("new");
        OperatorSubtaskState state = restored.snapshot(2);
        restored.complete(2);
        assertThat(keptIn(state)).isEqualTo(digests(video("a"), video("new")));
        assertThat(keptIn(restored.snapshot(3))).isEqualTo(digests(video("a")));
    }

    @Test
    void aSearchThatFailsStartsAgain() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a")));

        restored.search().found().completeExceptionally(new IllegalStateException("planted fault"));
        restored.harness.setProcessingTime(POLL_MS);
        restored.harness.setProcessingTime(POLL_MS + RETRY_MS);
        restored.search().found().complete(Set.of());
        restored.harness.setProcessingTime(2 * POLL_MS + RETRY_MS);

        assertThat(restored.topics.searches).hasSize(2);
        assertThat(restored.emitted()).containsExactly("a");
    }

    @Test
    void theSearchStartsAtTheEndsBeforeTheOldestKeptAnswer() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.topics.end = 10;
        subtask.process(video("a"));
        subtask.snapshot(1);
        subtask.complete(1);
        subtask.topics.end = 20;
        subtask.process(video("b"));
        subtask.snapshot(2);
        subtask.complete(2);
        subtask.process(video("c"));

        assertThat(restored(subtask.snapshot(3)).search().floor()).isEqualTo(FakeAnswerTopics.endingAt(20));
    }

    @Test
    void aRestoreWithoutKeptAnswersSearchesNothing() throws Exception {
        assertThat(keptIn(started().snapshot(1))).isEmpty();
    }

    @Test
    void theEndOfTheJobWaitsForTheSearchAndSendsTheLostAnswersAgain() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a"), video("b")));
        restored.whileItWaits(() -> {
            restored.search().found().complete(digests(video("a")));
            restored.harness.setProcessingTime(POLL_MS);
        });

        restored.harness.endInput();

        assertThat(restored.emitted()).containsExactly("b");
    }

    @Test
    void theEndOfAJobThatRestoredNoAnswersDoesNotWait() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(video("a"));

        subtask.harness.endInput();

        assertThat(subtask.emitted()).containsExactly("a");
    }

    @Test
    void aSearchThatDoesNotEndFailsTheEndOfTheJob() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a")));
        restored.whileItWaits(() -> restored.harness.setProcessingTime(KeepUntilCommitted.END_LIMIT.toMillis()));

        assertThatIllegalStateException()
                .isThrownBy(restored.harness::endInput)
                .withMessageContaining("the job cannot end yet: after 60 s");
        assertThat(keptIn(restored.snapshot(2))).isEqualTo(digests(video("a")));
    }

    @Test
    void moreAndFewerSubtasksShareTheKeptAnswers() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(video("a"));
        subtask.snapshot(1);
        subtask.process(video("b"));
        OperatorSubtaskState one = subtask.snapshot(2);

        List<OperatorSubtaskState> two = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            OperatorSubtaskState share = AbstractStreamOperatorTestHarness.repartitionOperatorState(one, 128, 1, 2, i);
            assertThat(keptIn(share)).hasSize(1);
            two.add(restored(share).snapshot(3));
        }
        assertThat(keptIn(AbstractStreamOperatorTestHarness.repackageState(two.toArray(OperatorSubtaskState[]::new))))
                .isEqualTo(digests(video("a"), video("b")));
    }

    @Test
    void metricsShowTheAgeOfCommittedAnswersAndWhatIsNotCommitted() throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.harness.setProcessingTime(5000);
        subtask.harness.processElement(video("a"), 1000);
        subtask.snapshot(1);
        subtask.harness.setProcessingTime(6000);
        subtask.harness.processElement(video("b"), 5500);

        assertThat(subtask.metrics.gauge("uncommittedAnswers")).isEqualTo(2);
        assertThat(subtask.metrics.gauge("oldestUncommittedMs")).isEqualTo(1000L);

        subtask.complete(1);
        assertThat(subtask.metrics.histogram("answerAgeMs").getStatistics().getValues())
                .containsExactly(5000);
        assertThat(subtask.metrics.gauge("uncommittedAnswers")).isEqualTo(1);
        assertThat(subtask.metrics.gauge("oldestUncommittedMs")).isEqualTo(0L);
    }

    @Test
    void metricsCountTheAnswersThatAreSentAgainAndKeepTheirAge() throws Exception {
        KeepUntilCommittedSubtask restored = restored(stateOf(video("a"), video("b")));
        assertThat(restored.metrics.gauge("uncommittedAnswers")).isEqualTo(2);
        assertThat(restored.metrics.gauge("oldestUncommittedMs")).isEqualTo(0L);

        restored.search().found().complete(digests(video("a")));
        restored.harness.setProcessingTime(POLL_MS);
        restored.snapshot(2);
        restored.harness.setProcessingTime(900);
        restored.complete(2);

        assertThat(restored.metrics.count("answersSentAgain")).isEqualTo(1);
        assertThat(restored.metrics.histogram("answerAgeMs").getStatistics().getValues())
                .containsExactly(900);
        assertThat(restored.metrics.gauge("uncommittedAnswers")).isEqualTo(0);
    }

    private OperatorSubtaskState stateOf(KafkaAnswer... answers) throws Exception {
        KeepUntilCommittedSubtask subtask = started();
        subtask.process(answers);
        return subtask.snapshot(1);
    }

    /** Returns what a restore of a state searches for. */
    private Set<AnswerDigest> keptIn(OperatorSubtaskState state) throws Exception {
        KeepUntilCommittedSubtask restored = restored(state);
        return restored.topics.searches.isEmpty() ? Set.of() : restored.search().wanted();
    }

    private KeepUntilCommittedSubtask started() throws Exception {
        KeepUntilCommittedSubtask subtask = new KeepUntilCommittedSubtask();
        subtasks.add(subtask);
        subtask.harness.open();
        return subtask;
    }

    private KeepUntilCommittedSubtask restored(OperatorSubtaskState state) throws Exception {
        KeepUntilCommittedSubtask subtask = new KeepUntilCommittedSubtask();
        subtasks.add(subtask);
        subtask.harness.initializeState(state);
        subtask.harness.open();
        return subtask;
    }

    private static Set<AnswerDigest> digests(KafkaAnswer... answers) {
        return Arrays.stream(answers)
                .map(answer -> AnswerDigest.of(KeepUntilCommittedSubtask.SERIALIZER.record(answer)))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static KafkaAnswer video(String name) {
        return new KafkaAnswer(KafkaAnswer.Kind.VIDEO, Events.key(name), new byte[] {1}, List.of());
    }

    private static KafkaAnswer failure(String name) {
        return new KafkaAnswer(
                KafkaAnswer.Kind.FAILURE, Events.key(name), new byte[] {2}, List.of(KafkaHeader.of("stage", "admit")));
    }
}
