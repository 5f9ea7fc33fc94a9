package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.Checkpoints;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.FaultySearch;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KeepUntilCommitted;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.PromptSource;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that no answer is lost or repeated, whatever happens to its transaction between the checkpoint and the commit.
 * A savepoint of a running job is such a checkpoint: it holds transactions, and Flink does not commit them with it.
 */
class LostTransactionIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int REQUESTS = 20;
    /** An interval within which no test's checkpoint but the first and those that the test takes occur. */
    private static final String RARELY = "1 h";

    private static EmbeddedBroker broker;
    private static LocalCluster cluster;
    private static Admin admin;

    @TempDir
    private Path folder;

    private final AnswerAudit audit = new AnswerAudit();
    private TestTopics topics;
    private LocalCluster.@Nullable Job job;

    @BeforeAll
    static void startBrokerAndCluster(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(4, folder.resolve("flink"), 0);
        admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
    }

    @AfterAll
    static void stop() throws Exception {
        admin.close();
        cluster.close();
        broker.close();
    }

    @BeforeEach
    void makeTopics() throws Exception {
        topics = new TestTopics(broker.bootstrapServers());
    }

    @AfterEach
    void stopTheJob() throws InterruptedException {
        if (job != null && !job.result().isDone()) {
            cluster.cancel(job);
        }
        topics.close();
    }

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
    void theSearchWaitsForAnOpenTransactionOfAnotherProducer() throws Exception {
        try (KafkaProducer<byte[], byte[]> other = openTransactionOnEachPartition()) {
            String savepoint = answerWithoutCommit("1");
            start(restoring(savepoint), "200 ms");
            publish("next", StubEngines.SLOW);
            awaitUncommittedAnswers(REQUESTS + 1);
            assertThat(topics.segments()).isEmpty();
            other.abortTransaction();
        }

        assertThat(faultsAfterMore()).isEmpty();
    }

    @Test
    void aSearchThatEndsAtAnOpenTransactionIsCaught() throws Exception {
        try (KafkaProducer<byte[], byte[]> other = openTransactionOnEachPartition()) {
            UnaryOperator<DataStream<KafkaAnswer>> faulty = answers -> kept(answers, FaultySearch.of(config(RARELY)));
            String savepoint = answerWithoutCommit("1", faulty, true);
            start(restoring(savepoint), faulty, config("200 ms"));
            awaitUncommittedAnswers(2 * REQUESTS);
            other.abortTransaction();
        }
        topics.awaitAnswers(2 * REQUESTS, TIMEOUT);

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .hasSize(REQUESTS)
                .contains("request-0 was answered 2 times");
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

    /** Publishes one more prompt, and returns the faults in all answers when enough answers are visible. */
    private List<String> faultsAfterMore() throws Exception {
        publish("last", StubEngines.SLOW);
        topics.awaitAnswers(REQUESTS + 1, TIMEOUT);
        int all = REQUESTS + 1;
        publish("after all", StubEngines.SLOW);
        topics.awaitAnswers(all + 1, TIMEOUT);
        return audit.faults(topics.segments(), topics.failures());
    }

    private String answerWithoutCommit(String parallelism, String... options) throws Exception {
        JobConfig config = config(RARELY, options);
        return answerWithoutCommit(parallelism, answers -> kept(answers, KeepUntilCommitted.of(config)), true, options);
    }

    /**
     * Answers prompts with a job that takes a savepoint and, if desired, is cancelled then, before it commits the
     * answers.
     *
     * @return the savepoint
     */
    private String answerWithoutCommit(
            String parallelism, UnaryOperator<DataStream<KafkaAnswer>> kept, boolean cancel, String... options)
            throws Exception {
        start(new Configuration(), kept, config(RARELY, and(options, "--parallelism", parallelism)));
        await().atMost(TIMEOUT).ignoreException(IOException.class).until(() -> rest().completedCheckpoints() == 1);
        for (int i = 0; i < REQUESTS; i++) {
            publish("request-" + i, i % 10 == 3 ? StubEngines.FAIL : "a red circle");
        }
        awaitUncommittedAnswers(REQUESTS);
        String savepoint =
                checkpoints().savepoint(folder.resolve("savepoints").toUri().toString());
        if (cancel) {
            cluster.cancel(Objects.requireNonNull(job));
        }
        return savepoint;
    }

    private void awaitUncommittedAnswers(int count) {
        await().atMost(TIMEOUT)
                .until(() -> TopicReader.readAll(broker.bootstrapServers(), topics.videos, "read_uncommitted")
                                        .size()
                                + TopicReader.readAll(broker.bootstrapServers(), topics.failures, "read_uncommitted")
                                        .size()
                        >= count);
    }

    private KafkaProducer<byte[], byte[]> openTransactionOnEachPartition() throws Exception {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "other-" + topics.videos),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < TestTopics.PARTITIONS; i++) {
            for (String topic : List.of(topics.videos, topics.failures)) {
                producer.send(new ProducerRecord<>(topic, i, null, new byte[] {0}))
                        .get();
            }
        }
        return producer;
    }

    private void abortOpenTransactions() throws Exception {
        abort(openTransactions());
    }

    /** Aborts transactions in the way of a second producer of the same id, which also fences the first producer. */
    private static void abort(Collection<String> transactionalIds) throws Exception {
        assertThat(transactionalIds).isNotEmpty();
        admin.fenceProducers(transactionalIds).all().get();
    }

    private List<String> openTransactions() throws ExecutionException, InterruptedException {
        return admin
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.startsWith(topics.prompts))
                .toList();
    }

    private void publish(String requestId, String text) throws Exception {
        audit.expect(requestId);
        topics.publish(requestId, text);
    }

    private Checkpoints checkpoints() {
        return new Checkpoints(cluster, Objects.requireNonNull(job));
    }

    private FlinkRest rest() throws InterruptedException {
        return new FlinkRest(
                cluster.webUi() + "/jobs/" + Objects.requireNonNull(job).id());
    }

    private static Configuration restoring(String savepoint) {
        return new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }

    /** Starts the job as it ships. */
    private void start(Configuration settings, String interval, String... options) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(settings);
        VideoPipeline.assemble(env, config(interval, options), new StubEngines(topics.prompts));
        job = cluster.run(env, topics.prompts);
    }

    /** Starts the job with another operator before its sink. */
    private void start(Configuration settings, UnaryOperator<DataStream<KafkaAnswer>> kept, JobConfig config)
            throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(settings);
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        var events = env.fromSource(PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");
        kept.apply(VideoPipeline.answers(events, config, new StubEngines(topics.prompts)))
                .sinkTo(AnswerSink.of(config))
                .uid("publish");
        job = cluster.run(env, topics.prompts);
    }

    private static DataStream<KafkaAnswer> kept(DataStream<KafkaAnswer> answers, KeepUntilCommitted operator) {
        return answers.transform(KeepUntilCommitted.NAME, TypeInformation.of(KafkaAnswer.class), operator)
                .uid(KeepUntilCommitted.UID);
    }

    private JobConfig config(String interval, String... options) {
        return JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")),
                Optional.empty(),
                topics.options(and(options, "--checkpoint-interval", interval)));
    }

    private static String[] and(String[] options, String... more) {
        return Stream.concat(Arrays.stream(options), Arrays.stream(more)).toArray(String[]::new);
    }
}
