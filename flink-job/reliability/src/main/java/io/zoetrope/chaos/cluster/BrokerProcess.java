package io.zoetrope.chaos.cluster;

import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The main class of a broker in a process of its own. SIGTERM stops it in order; SIGKILL does not. */
public final class BrokerProcess {
    private BrokerProcess() {}

    /** Starts a broker. The arguments are its folder and its port. */
    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedBroker broker = EmbeddedBroker.start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            broker.close();
                            end.countDown();
                        },
                        "stop-broker"));
        end.await();
    }
}
