package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.flink.LocalCluster;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writes a savepoint of this release into the folder of the system property {@code golden.savepoint}. No test run
 * includes this class; CONTRIBUTING.md says when to run it.
 */
class GoldenSavepointWriter {
    @Test
    void write(@TempDir Path folder) throws Exception {
        try (GoldenSavepoint golden = new GoldenSavepoint(folder)) {
            LocalCluster.Job job = golden.run(Optional.empty(), GoldenSavepoint.NAME + StubEngines.HOLDING);
            golden.topics.awaitAnswers(GoldenSavepoint.ANSWERED, GoldenSavepoint.TIMEOUT);
            // No answer is in a transaction then: another Kafka could not commit it.
            FlinkRest rest = new FlinkRest(golden.cluster.webUi() + "/jobs/" + job.id());
            int before = rest.completedCheckpoints();
            await().atMost(GoldenSavepoint.TIMEOUT).until(() -> rest.completedCheckpoints() > before + 2);

            String savepoint = golden.cluster.stopWithSavepoint(
                    job, System.getProperty("golden.savepoint"), GoldenSavepoint.TIMEOUT);

            assertThat(golden.topics.segments()).hasSize(GoldenSavepoint.ANSWERED);
            System.out.println("the savepoint is " + savepoint);
        }
    }
}
