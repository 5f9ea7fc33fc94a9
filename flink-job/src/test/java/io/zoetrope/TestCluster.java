package io.zoetrope;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A broker and a cluster for all tests of a class. */
final class TestCluster implements BeforeAllCallback, AfterAllCallback {
    private final int slots;
    private Path folder;
    private EmbeddedBroker broker;
    private LocalCluster cluster;

    @SuppressWarnings("NullAway.Init") // JUnit calls beforeAll() before any test
    TestCluster(int slots) {
        this.slots = slots;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        folder = Files.createTempDirectory("zoetrope-test");
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(slots, folder.resolve("flink"), 0);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        cluster.close();
        broker.close();
        FileUtils.deleteDirectory(folder.toFile());
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    LocalCluster flink() {
        return cluster;
    }
}
