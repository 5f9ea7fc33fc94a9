package io.zoetrope.bench.job;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;

/** An in-process broker on a temporary folder. */
public final class Broker implements AutoCloseable {
    private final TemporaryFolder folder;
    private final EmbeddedBroker broker;

    private Broker(TemporaryFolder folder, EmbeddedBroker broker) {
        this.folder = folder;
        this.broker = broker;
    }

    /** Starts a broker on a free port. */
    public static Broker start() throws IOException {
        TemporaryFolder folder = TemporaryFolder.create();
        return new Broker(folder, EmbeddedBroker.start(folder.path().resolve("kafka"), EmbeddedBroker.ANY_PORT));
    }

    /** Returns the settings of clients. */
    public KafkaSettings clients() {
        return KafkaSettings.of(broker.bootstrapServers());
    }

    @Override
    public void close() {
        try (folder) {
            broker.close();
        }
    }
}
