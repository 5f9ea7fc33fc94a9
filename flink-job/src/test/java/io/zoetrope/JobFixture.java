package io.zoetrope;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A broker and a cluster for all tests of a class, and topics, a job and an audit of its answers for each test. */
class JobFixture {
    static EmbeddedBroker broker;
    static LocalCluster cluster;

    final AnswerAudit audit = new AnswerAudit();
    TestTopics topics;
    TestJob job;

    @BeforeAll
    static void startBrokerAndCluster(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(1, folder.resolve("flink"), 0);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        broker.close();
    }

    @BeforeEach
    void makeTopics(@TempDir Path folder) throws Exception {
        topics = new TestTopics(broker.bootstrapServers());
        job = new TestJob(cluster, topics, folder.resolve("state with a space, 100%"));
    }

    @AfterEach
    void stopTheJob() throws InterruptedException {
        job.close();
        topics.close();
    }
}
