package io.zoetrope.bench.job;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;

/** The Kafka of all jobs. */
public final class Broker implements AutoCloseable {
    private final KafkaSettings clients;
    private final Runnable stop;

    private Broker(KafkaSettings clients, Runnable stop) {
        this.clients = clients;
        this.stop = stop;
    }

    /** Starts a broker in this process, on a free port and a temporary folder. */
    public static Broker start() throws IOException {
        TemporaryFolder folder = TemporaryFolder.create();
        EmbeddedBroker broker = EmbeddedBroker.start(folder.path().resolve("kafka"), EmbeddedBroker.ANY_PORT);
        return new Broker(KafkaSettings.of(broker.bootstrapServers()), () -> {
            try (folder) {
                broker.close();
            }
        });
    }

    /** Returns a Kafka that runs already. */
    public static Broker of(KafkaSettings clients) {
        return new Broker(clients, () -> {});
    }

    /** Returns the settings of clients. */
    public KafkaSettings clients() {
        return clients;
    }

    @Override
    public void close() {
        stop.run();
    }
}
