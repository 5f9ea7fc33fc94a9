package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker and a Flink cluster that start in parallel in the background. They stop when the process ends, at the
 * latest.
 */
final class LocalServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalServers.class);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    private final ScratchFolder folder;
    private final Future<EmbeddedBroker> broker;
    private final Future<LocalCluster> cluster;
    private boolean closed;

    private LocalServers(ScratchFolder folder, Future<EmbeddedBroker> broker, Future<LocalCluster> cluster) {
        this.folder = folder;
        this.broker = broker;
        this.cluster = cluster;
    }

    /**
     * The ports that the servers listen on. If a port is in use, a free one is used instead.
     *
     * @param broker the port that Kafka clients connect to, on loopback
     * @param uiHost the address of Flink's web UI
     * @param ui the port of Flink's web UI
     */
    record Ports(int broker, String uiHost, int ui) {
        static final int DEFAULT_BROKER = 9092;
        static final int DEFAULT_UI = 8081;
    }

    /** Starts both servers in the background. Returns at once, before they serve. */
    static LocalServers start(Ports ports, int slots) throws IOException {
        ScratchFolder folder = ScratchFolder.create();
        LocalServers servers = new LocalServers(
                folder,
                inBackground("broker", () -> LocalBroker.start(folder.path().resolve("kafka"), ports.broker())),
                inBackground(
                        "cluster",
                        () -> LocalCluster.start(slots, folder.path().resolve("flink"), ports.uiHost(), ports.ui())));
        StopSignals.handle(STOP_LIMIT, () -> {
            // The lock keeps the main thread, whose job the close cancels, from ending the process with its exit code.
            synchronized (servers) {
                servers.close();
                // After the close: the JVM runs its shutdown hooks side by side, and ONNX Runtime's frees what sessions
                // use.
                System.exit(StopSignals.INTERRUPTED);
            }
        });
        return servers;
    }

    /** Runs work on a new daemon thread. */
    static <T> Future<T> inBackground(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "start-" + name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** Blocks until background work ends, and returns its result or throws its exception. */
    static <T> T await(Future<T> work) throws Exception {
        try {
            return work.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Blocks until the broker serves and its topics exist, and returns it. */
    EmbeddedBroker broker() throws Exception {
        return await(broker);
    }

    /** Blocks until the cluster serves, and returns it. */
    LocalCluster cluster() throws Exception {
        return await(cluster);
    }

    /** Stops the cluster and its jobs, then the broker, and deletes their files. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            close(cluster);
            close(broker);
            folder.close();
        }
    }

    private static void close(Future<? extends AutoCloseable> started) {
        try {
            started.get().close();
        } catch (ExecutionException e) {
            LOG.debug("a local server has not started, so it is not stopped", e);
        } catch (Exception e) {
            LOG.warn("a local server could not be stopped cleanly", e);
        }
    }
}
