package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.engine.SleepingEngines;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Shows that a model that takes seconds for a video makes progress from the start, whatever the burst and wherever the
 * job ends: a device that sleeps stands in for the model.
 */
class SlowModelIT extends JobFixture {
    /** How long the test may take to notice an answer, and the job to end, on a machine under load. */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(2);

    @Test
    void aBurstIsAnsweredFromTheStartAndRepeatsLittleAfterAKill() throws Exception {
        answerABurst(60, Duration.ofMillis(200), 1, Duration.ofMillis(50), 2);
    }

    @Test
    @Tag("slow")
    void fiveHundredPromptsOfFiveSecondsAreAnsweredThroughFourKills() throws Exception {
        answerABurst(500, Duration.ofSeconds(5), 8, Duration.ofSeconds(1), 4);
    }

    private void answerABurst(int prompts, Duration video, int lanes, Duration interval, int kills) throws Exception {
        Duration timeout = video.multipliedBy(prompts).plusSeconds(60);
        SleepingEngines engines = new SleepingEngines(topics.prompts, video, lanes);
        List<String> ids =
                IntStream.range(0, prompts).mapToObj(i -> "request-" + i).toList();
        ids.forEach(audit::expect);
        topics.publishOf("a", ids);
        for (int kill = 1; kill <= kills; kill++) {
            int answered = topics.segments().size();
            int runs = engines.runs();
            job.start(engines, "--checkpoint-interval", interval.toMillis() + " ms");
            topics.awaitAnswers(answered + 1, timeout);
            Duration untilVisible = video.multipliedBy(engines.runs() - runs).dividedBy(lanes);
            System.out.printf("device time until an answer is visible: %s%n", untilVisible);
            assertThat(untilVisible)
                    .as("device time until an answer is visible, at start %d", kill)
                    .isLessThan(interval.multipliedBy(2).plus(video).plus(NOTICED_WITHIN));

            topics.awaitAnswers(prompts * kill / (kills + 1), timeout);
            job.cancel();
            engines.awaitIdle();
        }
        job.start(engines, "--checkpoint-interval", interval.toMillis() + " ms");
        topics.awaitAnswers(prompts, timeout);
        job.cancel();
        engines.awaitIdle();

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        Duration repeated = video.multipliedBy(engines.runs() - prompts).dividedBy(lanes);
        System.out.printf("device time that was repeated after %d kills: %s%n", kills, repeated);
        assertThat(repeated)
                .as("device time that was repeated")
                .isLessThan(interval.plus(video).plus(NOTICED_WITHIN).multipliedBy(kills));
    }
}
