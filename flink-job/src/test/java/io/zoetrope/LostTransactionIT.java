package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KeepUntilCommitted;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.junit.jupiter.api.Test;

/** Shows that no answer is lost or repeated, whatever happens to its transaction between the checkpoint and the commit. */
class LostTransactionIT extends TransactionFixture {
    @Test
    void aTransactionThatIsStillOpenIsCommittedByTheRestore() throws Exception {
        String savepoint = answerWithoutCommit("1");

        start(restoring(savepoint), "200 ms");

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void answersOfATransactionThatKafkaAbortedAreSentAgain() throws Exception {
        String savepoint = answerWithoutCommit("1");
        abortOpenTransactions();

        start(restoring(savepoint), "200 ms");

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void answersOfATransactionThatTimedOutAreSentAgain() throws Exception {
        String savepoint = answerWithoutCommit("1", "--transaction-timeout", "10 s");
        await().atMost(TIMEOUT).until(() -> openTransactions().isEmpty());

        start(restoring(savepoint), "200 ms");

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void answersAreSentAgainByMoreSubtasks() throws Exception {
        String savepoint = answerWithoutCommit("1");
        abortOpenTransactions();

        start(restoring(savepoint), "200 ms", "--parallelism", "2");

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void answersAreSentAgainByFewerSubtasksIfOneTransactionIsLost() throws Exception {
        String savepoint = answerWithoutCommit("2");
        List<String> open = openTransactions();
        assertThat(open).hasSize(2);
        abort(open.subList(0, 1));

        start(restoring(savepoint), "200 ms", "--parallelism", "1");

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void aRefusedCommitFailsTheJobWhichSendsTheAnswersAgain() throws Exception {
        answerWithoutCommit("1", answers -> kept(answers, KeepUntilCommitted.of(config(RARELY))), false);
        abortOpenTransactions();

        checkpoints().checkpoint();
        await().atMost(TIMEOUT).until(() -> !rest().newestFailure().isEmpty());
        assertThat(rest().newestFailure())
                .contains("Kafka refused to commit the transaction " + topics.prompts)
                .contains("the job restarts and sends them again")
                .contains("Does another job use the prefix " + topics.prompts + "?");
        await().atMost(TIMEOUT).until(() -> topics.segments("read_uncommitted").size() > REQUESTS);
        checkpoints().checkpoint();
        topics.awaitAnswers(REQUESTS, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(rest().metrics("zoetrope.answersSentAgain")).containsExactly(REQUESTS));
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(rest().metrics("zoetrope.refusedCommits"))
                        .as("the commit after the restore is refused too")
                        .containsExactly(1));
    }

    @Test
    void producersThatAreFencedAgainAndAgainLoseNothing() throws Exception {
        start(new Configuration(), "200 ms", "--parallelism", "2");
        for (int i = 0; i < 300; i++) {
            publish("request-" + i, i % 10 == 3 ? StubEngines.FAIL : StubEngines.SLOW);
        }
        for (int fenced = 0; fenced < 4; fenced++) {
            topics.awaitAnswers(20 * fenced + 1, TIMEOUT);
            await().atMost(TIMEOUT).until(() -> !openTransactions().isEmpty());
            abortOpenTransactions();
        }
        topics.awaitAnswers(300, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aJobThatDoesNotKeepItsAnswersIsCaught() throws Exception {
        UnaryOperator<DataStream<KafkaAnswer>> nothingKept = answers -> answers;
        String savepoint = answerWithoutCommit("1", nothingKept, true);
        abortOpenTransactions();

        start(restoring(savepoint), nothingKept, config("200 ms"));
        publish("next", StubEngines.SLOW);
        topics.awaitAnswers(1, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .hasSize(REQUESTS)
                .contains("request-0 was answered 0 times");
    }
}
