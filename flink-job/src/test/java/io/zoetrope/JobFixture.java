package io.zoetrope;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A broker and a cluster for all tests of a class, and topics, a job and an audit of its answers for each test. */
class JobFixture {
    @RegisterExtension
    static final TestCluster servers = new TestCluster(1);

    final AnswerAudit audit = new AnswerAudit();
    TestTopics topics;
    TestJob job;

    @BeforeEach
    void makeTopics(@TempDir Path folder) throws Exception {
        topics = new TestTopics(servers.bootstrapServers());
        job = new TestJob(servers.flink(), topics, folder.resolve("state with a space, 100%"));
    }

    @AfterEach
    void stopTheJob() throws InterruptedException {
        job.close();
        topics.close();
    }
}
