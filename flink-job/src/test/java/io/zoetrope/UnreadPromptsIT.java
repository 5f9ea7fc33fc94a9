package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Shows that prompts which vanish from the topic unread are loud, whether retention or an operator deleted them. */
class UnreadPromptsIT extends JobFixture {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @Test
    void aRestoredJobFailsForGoodIfTheTopicDeletedPromptsAndGoesOnIfItMay() throws Exception {
        job.start();
        answer(1, "first");
        job.stopWithSavepoint();
        for (int i = 0; i < 20; i++) {
            topics.publish("deleted-" + i, "a red circle");
        }
        topics.deleteAllPrompts();

        job.start();
        assertThat(job.failure())
                .contains("the topic deleted 20 records before the job read them (" + topics.prompts + "-")
                .contains(": offsets ")
                .contains("give --skip-deleted-prompts true to continue without them");

        job.start("--skip-deleted-prompts", "true");
        answer(5, "next");
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        await().atMost(TIMEOUT)
                .ignoreException(IOException.class)
                .untilAsserted(() -> assertThat(job.rest().metrics("zoetrope.deletedPrompts"))
                        .containsExactly(20));
    }

    @Test
    void aRestoredJobDoesNotReadANewTopicFromTheOffsetsOfTheOld() throws Exception {
        job.start();
        answer(8, "old");
        job.stopWithSavepoint();
        topics.createPromptsAgain();
        publish(40, "new");

        job.start();
        assertThat(job.failure())
                .contains("the topic " + topics.prompts + " was deleted and created again")
                .contains("give --start-fresh true or --skip-deleted-prompts true to read the new topic from its"
                        + " beginning");

        job.start("--start-fresh", "true");
        topics.awaitAnswers(48, TIMEOUT);
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aRunningJobNoticesThatItsTopicIsCreatedAgain() throws Exception {
        job.start();
        answer(8, "old");

        topics.createPromptsAgain();
        for (int i = 0; i < 40; i++) {
            topics.publish("new-" + i, "a red circle");
        }

        assertThat(job.failure()).contains("the topic " + topics.prompts + " was deleted and created again");
    }

    private void answer(int count, String name) throws Exception {
        int before = topics.segments().size();
        publish(count, name);
        topics.awaitAnswers(before + count, TIMEOUT);
    }

    private void publish(int count, String name) throws Exception {
        for (int i = 0; i < count; i++) {
            String requestId = name + "-" + i;
            audit.expect(requestId);
            topics.publish(requestId, "a red circle");
        }
    }
}
