package io.zoetrope.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.chaos.job.JobSpec;
import io.zoetrope.chaos.job.Plant;
import io.zoetrope.chaos.job.SleepingEngines;
import io.zoetrope.chaos.ledger.AnswerTopics;
import io.zoetrope.chaos.ledger.AnswerWatch;
import io.zoetrope.chaos.ledger.Audit;
import io.zoetrope.chaos.ledger.Auditor;
import io.zoetrope.chaos.ledger.Ledger;
import io.zoetrope.chaos.ledger.Load;
import io.zoetrope.chaos.process.Poll;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicProvisioner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plants faults into the job, cancels it and starts it again: the audit has to find what is lost or repeated. */
class PlantedFaultsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BEFORE = 60;

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;
    private LocalCluster cluster;
    private int sentBeforeTheCancel;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(1, folder.resolve("flink"), 0);
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicProvisioner(admin).apply(TopicCatalog.shipped());
        }
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        broker.close();
    }

    @Test
    void theShippedJobPassesTheAudit() throws Exception {
        assertThat(audit(Plant.NONE).faults()).isEmpty();
    }

    @Test
    void aSinkWithoutTransactionsIsCaught() throws Exception {
        Audit audit = audit(Plant.AT_LEAST_ONCE);

        assertThat(audit.doubled()).isNotEmpty();
        assertThat(audit.lost()).isEmpty();
    }

    @Test
    void aBufferThatIsNotInTheStateIsCaught() throws Exception {
        Audit audit = audit(Plant.FORGETFUL_BUFFER);

        assertThat(audit.lost())
                .as("requests that the first job had read")
                .anyMatch(lost -> number(lost.substring(0, lost.indexOf(' '))) < sentBeforeTheCancel);
        assertThat(audit.doubled()).isEmpty();
    }

    private Audit audit(Plant plant) throws Exception {
        AnswerTopics topics = new AnswerTopics(
                broker.bootstrapServers(), JobOptions.DEFAULT_VIDEOS_TOPIC, JobOptions.DEFAULT_FAILURES_TOPIC);
        StateFolder state = StateFolder.of(folder.resolve("state").toString());
        JobSpec spec = spec(plant);
        try (Ledger ledger = Ledger.open(folder.resolve("ledger.txt"));
                AnswerWatch watch = new AnswerWatch(topics, ledger)) {
            LocalCluster.Job first = run(spec, state);
            try (Load load =
                    new Load(broker.bootstrapServers(), JobOptions.DEFAULT_PROMPTS_TOPIC, "planted", 100, ledger)) {
                load.resume();
                Poll.until("some requests are answered", LIMIT, () -> watch.count() > BEFORE);
                cluster.cancel(first);
                sentBeforeTheCancel = ledger.size();
                Poll.until("more requests are sent", LIMIT, () -> ledger.size() >= sentBeforeTheCancel + BEFORE);
            }
            LocalCluster.Job second = run(spec, state);
            // The requests are answered in their order, nearly: those that are still missing then never arrive.
            Poll.until(
                    "later requests are answered",
                    LIMIT,
                    () -> watch.answered().stream()
                                    .filter(id -> number(id) >= sentBeforeTheCancel)
                                    .count()
                            >= BEFORE / 2);
            if (plant != Plant.FORGETFUL_BUFFER) {
                Poll.until(
                        "all requests are answered",
                        LIMIT,
                        () -> ledger.missingFrom(watch.answered()).isEmpty());
            }
            cluster.cancel(second);
            return new Auditor(topics, JobOptions.DEFAULT_PROMPTS_TOPIC, ledger).audit();
        }
    }

    private static int number(String id) {
        return Integer.parseInt(id.substring("planted-".length()));
    }

    private LocalCluster.Job run(JobSpec spec, StateFolder state) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(state.start(env.getConfiguration(), RecoveryClaimMode.NO_CLAIM));
        spec.assemble(env);
        return cluster.run(env, "planted");
    }

    private JobSpec spec(Plant plant) {
        EngineSet engines = EngineSet.of(SleepingEngines.create(Duration.ofMillis(5)));
        return new JobSpec(
                List.of(new Setting(JobOptions.BUNDLE.key(), "none", "the test")),
                List.of("--bootstrap-servers", broker.bootstrapServers(), "--parallelism", "1"),
                new Configuration(),
                config -> engines,
                plant);
    }
}
