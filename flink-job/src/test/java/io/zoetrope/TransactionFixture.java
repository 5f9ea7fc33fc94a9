package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.Checkpoints;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KeepUntilCommitted;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.PromptSource;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job whose answers wait for their commit, on a real broker and cluster. A savepoint of a running job is such a state:
 * it holds transactions, and Flink does not commit them with it.
 */
class TransactionFixture {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    static final int REQUESTS = 20;
    /** An interval within which no test's checkpoint but the first and those that the test takes occur. */
    static final String RARELY = "1 h";

    @RegisterExtension
    static final TestCluster servers = new TestCluster(4);

    static Admin admin;

    @TempDir
    private Path folder;

    final AnswerAudit audit = new AnswerAudit();
    TestTopics topics;
    LocalCluster.@Nullable Job job;

    @BeforeAll
    static void connect() {
        admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers.bootstrapServers()));
    }

    @AfterAll
    static void disconnect() {
        admin.close();
    }

    @BeforeEach
    void makeTopics() throws Exception {
        topics = new TestTopics(servers.bootstrapServers());
    }

    @AfterEach
    void stopTheJob() throws InterruptedException {
        if (job != null && !job.result().isDone()) {
            servers.flink().cancel(job);
        }
        topics.close();
    }

    /** Publishes one more prompt, and returns the faults in all answers when enough answers are visible. */
    List<String> faultsAfterMore() throws Exception {
        publish("last", StubEngines.SLOW);
        topics.awaitAnswers(REQUESTS + 1, TIMEOUT);
        int all = REQUESTS + 1;
        publish("after all", StubEngines.SLOW);
        topics.awaitAnswers(all + 1, TIMEOUT);
        return audit.faults(topics.segments(), topics.failures());
    }

    String answerWithoutCommit(String parallelism, String... options) throws Exception {
        JobConfig config = config(RARELY, options);
        return answerWithoutCommit(parallelism, answers -> kept(answers, KeepUntilCommitted.of(config)), true, options);
    }

    /**
     * Answers prompts with a job that takes a savepoint and, if desired, is cancelled then, before it commits the
     * answers.
     *
     * @return the savepoint
     */
    String answerWithoutCommit(
            String parallelism, UnaryOperator<DataStream<KafkaAnswer>> kept, boolean cancel, String... options)
            throws Exception {
        start(new Configuration(), kept, config(RARELY, and(options, "--parallelism", parallelism)));
        await().atMost(TIMEOUT).ignoreException(IOException.class).until(() -> rest().completedCheckpoints() == 1);
        for (int i = 0; i < REQUESTS; i++) {
            publish("request-" + i, i % 10 == 3 ? StubEngines.FAIL : "a red circle");
        }
        awaitUncommittedAnswers(REQUESTS);
        String savepoint = checkpoints().savepoint(savepoints());
        if (cancel) {
            servers.flink().cancel(Objects.requireNonNull(job));
        }
        return savepoint;
    }

    void awaitUncommittedAnswers(int count) {
        await().atMost(TIMEOUT)
                .until(() -> TopicReader.readAll(servers.bootstrapServers(), topics.videos, "read_uncommitted")
                                        .size()
                                + TopicReader.readAll(servers.bootstrapServers(), topics.failures, "read_uncommitted")
                                        .size()
                        >= count);
    }

    void abortOpenTransactions() throws Exception {
        abort(openTransactions());
    }

    /** Aborts transactions in the way of a second producer of the same id, which also fences the first producer. */
    static void abort(Collection<String> transactionalIds) throws Exception {
        assertThat(transactionalIds).isNotEmpty();
        admin.fenceProducers(transactionalIds).all().get();
    }

    List<String> openTransactions() throws ExecutionException, InterruptedException {
        return admin
                .listTransactions(new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                .all()
                .get()
                .stream()
                .map(TransactionListing::transactionalId)
                .filter(id -> id.startsWith(topics.prompts))
                .toList();
    }

    void publish(String requestId, String text) throws Exception {
        audit.expect(requestId);
        topics.publish(requestId, text);
    }

    String savepoints() {
        return folder.resolve("savepoints").toUri().toString();
    }

    Checkpoints checkpoints() {
        return new Checkpoints(servers.flink(), Objects.requireNonNull(job));
    }

    FlinkRest rest() throws InterruptedException {
        return new FlinkRest(
                servers.flink().webUi() + "/jobs/" + Objects.requireNonNull(job).id());
    }

    static Configuration restoring(String savepoint) {
        return new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }

    /** Starts the job as it ships. */
    void start(Configuration settings, String interval, String... options) throws Exception {
        StreamExecutionEnvironment env = servers.flink().environment();
        env.configure(settings);
        VideoPipeline.assemble(env, config(interval, options), EngineSet.of(new StubEngines(topics.prompts)));
        job = servers.flink().run(env, topics.prompts);
    }

    /** Starts the job with another operator before its sink. */
    void start(Configuration settings, UnaryOperator<DataStream<KafkaAnswer>> kept, JobConfig config) throws Exception {
        StreamExecutionEnvironment env = servers.flink().environment();
        env.configure(settings);
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        var events = env.fromSource(PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");
        kept.apply(VideoPipeline.answers(events, config, EngineSet.of(new StubEngines(topics.prompts))))
                .sinkTo(AnswerSink.of(config))
                .uid("publish");
        job = servers.flink().run(env, topics.prompts);
    }

    static DataStream<KafkaAnswer> kept(DataStream<KafkaAnswer> answers, KeepUntilCommitted operator) {
        return answers.transform(KeepUntilCommitted.NAME, TypeInformation.of(KafkaAnswer.class), operator)
                .uid(KeepUntilCommitted.UID);
    }

    JobConfig config(String interval, String... options) {
        return JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")),
                Optional.empty(),
                topics.options(and(options, "--checkpoint-interval", interval)));
    }

    static String[] and(String[] options, String... more) {
        return Stream.concat(Arrays.stream(options), Arrays.stream(more)).toArray(String[]::new);
    }
}
