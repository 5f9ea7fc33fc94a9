package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker and a Flink cluster that start side by side, in the background, and end with the process at the latest. */
final class LocalServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalServers.class);

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
     * Where servers listen, on loopback; where a port is taken, a free one is used instead.
     *
     * @param broker where clients connect
     * @param ui of Flink's web UI
     */
    record Ports(int broker, int ui) {}

    /** Begins to start both; returns at once. */
    static LocalServers start(Ports ports, int slots) throws IOException {
        ScratchFolder folder = ScratchFolder.create();
        LocalServers servers = new LocalServers(
                folder,
                inBackground("broker", () -> LocalBroker.start(folder.path().resolve("kafka"), ports.broker())),
                inBackground(
                        "cluster", () -> LocalCluster.start(slots, folder.path().resolve("flink"), ports.ui())));
        Runtime.getRuntime().addShutdownHook(new Thread(servers::close, "stop"));
        return servers;
    }

    /** Runs something on a thread of its own. */
    static <T> Future<T> inBackground(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "start-" + name);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** What background work came to; throws what it threw. */
    static <T> T outcome(Future<T> work) throws Exception {
        try {
            return work.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** The broker, with its topics, once it serves. */
    EmbeddedBroker broker() throws Exception {
        return outcome(broker);
    }

    /** The cluster, once it serves. */
    LocalCluster cluster() throws Exception {
        return outcome(cluster);
    }

    /** Stops the cluster with its jobs, then the broker, and deletes their files. A second call does nothing. */
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
            LOG.debug("never started", e);
        } catch (Exception e) {
            LOG.warn("could not be stopped cleanly", e);
        }
    }
}
