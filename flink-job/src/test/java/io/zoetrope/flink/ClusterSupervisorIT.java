package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClusterSupervisorIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private MiniCluster cluster;

    @BeforeEach
    void start() throws Exception {
        Configuration settings = new Configuration();
        settings.set(RestOptions.BIND_PORT, "0");
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .build());
        cluster.start();
        await().atMost(TIMEOUT).until(() -> taskManagers() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aTaskManagerThatHasEndedIsReplacedByOneOther() throws Exception {
        try (ClusterSupervisor supervisor = ClusterSupervisor.start(cluster)) {
            cluster.terminateTaskManager(0).get();

            await().atMost(TIMEOUT).until(() -> taskManagers() == 0);
            await().atMost(TIMEOUT).until(() -> taskManagers() == 1);
            await().during(Duration.ofSeconds(5)).atMost(TIMEOUT).until(() -> taskManagers() == 1);
            assertThat(supervisor.end()).isNotDone();
        }
    }

    @Test
    void theEndOfTheClusterIsReported() throws Exception {
        try (ClusterSupervisor supervisor = ClusterSupervisor.start(cluster)) {
            cluster.closeAsync().get();

            assertThatThrownBy(() -> supervisor.end().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .hasMessageContaining("Flink in this process has ended after a fatal error");
        }
    }

    private int taskManagers() throws Exception {
        return cluster.requestClusterOverview().get().getNumTaskManagersConnected();
    }
}
