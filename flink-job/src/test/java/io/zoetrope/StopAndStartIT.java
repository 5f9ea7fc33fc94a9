package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

/** Shows that no prompt is lost or answered twice, however the job is stopped and started again. */
class StopAndStartIT extends JobFixture {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int REQUESTS = 200;
    private static final int BURST = 400;
    /** So many prompts that a test ends before all are answered. */
    private static final int BACKLOG = 2000;

    @Test
    void aJobThatStopsWithASavepointAnswersTheRestAfterItsStart() throws Exception {
        job.start();
        publishSlowPrompts(REQUESTS);
        topics.awaitAnswers(10, TIMEOUT);

        job.stopWithSavepoint();
        assertThat(topics.segments()).as("answers before the stop").hasSizeLessThan(REQUESTS);
        job.start();
        topics.awaitAnswers(REQUESTS, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aJobThatIsCancelledAnswersTheRestFromItsNewestCheckpoint() throws Exception {
        job.start();
        publishSlowPrompts(REQUESTS);
        topics.awaitAnswers(10, TIMEOUT);

        job.cancel();
        assertThat(topics.segments()).as("answers before the end").hasSizeLessThan(REQUESTS);
        job.start();
        topics.awaitAnswers(REQUESTS, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    /** The abandoned job has the higher checkpoint ids, and its newest checkpoint is before the prompts of the other. */
    @Test
    void aStartAfterARollbackRestoresTheJobThatWasRolledBackAndNotTheAbandonedOne() throws Exception {
        job.start();
        publish("first");
        topics.awaitAnswers(1, TIMEOUT);
        String savepoint = job.savepoint();
        for (int i = 0; i < 50; i++) {
            job.checkpoint();
        }
        job.cancel();

        job.startFrom(savepoint);
        publish("second");
        topics.awaitAnswers(2, TIMEOUT);
        job.cancel();
        job.start();
        publish("third");
        topics.awaitAnswers(3, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aStartWithoutStateIsRefusedIfTheGroupHasCommittedOffsets() throws Exception {
        answerSomeAndCancel();

        job.startWithoutState();

        assertThat(job.failure())
                .contains("the job found no state to restore, and the consumer group " + topics.prompts
                        + " has run before")
                .contains("--start-fresh true");
    }

    @Test
    void startFreshAnswersTheNextPromptsAtThePriceOfThoseInFlight() throws Exception {
        answerSomeAndCancel();

        job.startWithoutState("--start-fresh", "true");
        publish("next");
        int before = topics.segments().size();
        topics.awaitAnswers(before + 1, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .as("prompts that this start lost or answered twice: the audit catches them")
                .isNotEmpty();
    }

    @Test
    void promptsThatTheTopicDeletedUnreadRefuseTheStart() throws Exception {
        job.start();
        publish("first");
        topics.awaitAnswers(1, TIMEOUT);
        awaitCommittedOffsets(offsets -> offsets.size() == TestTopics.PARTITIONS && read(offsets) == 1);
        job.stopWithSavepoint();
        for (int i = 0; i < 20; i++) {
            topics.publish("deleted-" + i, StubEngines.SLOW);
        }
        topics.deleteAllPrompts();

        job.startWithoutState("--start-fresh", "true");
        assertThat(job.failure())
                .contains("the topic deleted 20 records before the job read them")
                .contains("--skip-deleted-prompts true");

        job.startWithoutState("--start-fresh", "true", "--skip-deleted-prompts", "true");
        publish("next");
        topics.awaitAnswers(2, TIMEOUT);
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void theFirstAnswersOfABurstAreVisibleLongBeforeItsLast() throws Exception {
        assertThat(answersWhenTheFirstIsVisible(true, 20_000)).isLessThan(BURST / 4);
    }

    @Test
    void promptsThatWaitInTheStateDelayAlignedCheckpointsNeither() throws Exception {
        assertThat(answersWhenTheFirstIsVisible(false, 20_000)).isLessThan(BURST / 4);
    }

    @Test
    void promptsThatDoNotFitIntoTheStateDelayUnalignedCheckpointsByOneTurn() throws Exception {
        assertThat(answersWhenTheFirstIsVisible(true, 1)).isLessThan(BURST / 4);
    }

    @Test
    void aBurstThatDelaysCheckpointsIsCaught() throws Exception {
        assertThat(answersWhenTheFirstIsVisible(false, 1)).isGreaterThan(BURST / 4);
    }

    /** Flink's default buffers hold about 2,000 prompts between the source and the operator that runs them. */
    @Test
    void fewPromptsWaitBetweenTheOperators() throws Exception {
        int inFlight = new StubEngines(topics.prompts).inFlightPerSlot();
        topics.publishAll("a", ids(BACKLOG), StubEngines.SLOW);
        job.start(new Configuration(), "--waiting-prompts", "1");
        awaitCommittedOffsets(offsets -> read(offsets) >= inFlight / 2);
        job.cancel();

        try (Admin admin = admin()) {
            assertThat(read(committedOffsets(admin)) - topics.segments().size())
                    .as("prompts in Flink at the newest checkpoint")
                    .isBetween(inFlight / 2L, inFlight + 400L);
        }
    }

    private static long read(Collection<OffsetAndMetadata> offsets) {
        return offsets.stream().mapToLong(OffsetAndMetadata::offset).sum();
    }

    private static List<String> ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "request-" + i).toList();
    }

    private int answersWhenTheFirstIsVisible(boolean unaligned, int waiting) throws Exception {
        topics.publishAll("a", ids(BURST), StubEngines.SLOW);
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.ENABLE_UNALIGNED, unaligned);
        job.start(settings, "--waiting-prompts", "" + waiting);
        topics.awaitAnswers(1, TIMEOUT);
        return topics.segments().size();
    }

    private void answerSomeAndCancel() throws Exception {
        job.start();
        publishSlowPrompts(BACKLOG);
        topics.awaitAnswers(10, TIMEOUT);
        awaitCommittedOffsets(offsets -> !offsets.isEmpty());
        job.cancel();
    }

    private void publishSlowPrompts(int count) throws Exception {
        List<String> ids = ids(count);
        ids.forEach(audit::expect);
        topics.publishAll("a", ids, StubEngines.SLOW);
    }

    private void publish(String requestId) throws Exception {
        audit.expect(requestId);
        topics.publish(requestId, StubEngines.SLOW);
    }

    /** Waits until the committed offsets of the group fulfil a condition; the job commits them after its checkpoints. */
    private void awaitCommittedOffsets(Predicate<Collection<OffsetAndMetadata>> condition) {
        try (Admin admin = admin()) {
            await().atMost(TIMEOUT).until(() -> condition.test(committedOffsets(admin)));
        }
    }

    private Collection<OffsetAndMetadata> committedOffsets(Admin admin) throws Exception {
        return admin.listConsumerGroupOffsets(topics.prompts)
                .partitionsToOffsetAndMetadata()
                .get()
                .values();
    }

    private static Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", servers.bootstrapServers()));
    }
}
