package io.zoetrope.chaos.cluster;

import io.zoetrope.chaos.clock.ProcessClock;
import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.JvmProcess.Program;
import io.zoetrope.chaos.process.Poll;
import io.zoetrope.kafka.TopicCatalog;
import io.zoetrope.kafka.TopicProvisioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * A cluster whose parts are JVMs of their own: ZooKeeper, one Kafka broker, one JobManager, and TaskManagers with one
 * slot each. The JobManager uses ZooKeeper for high availability, so it recovers the job after it was killed and
 * started again.
 */
public final class Cluster implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);
    /** ZooKeeper's unit of time in ms: a client's session lasts between 2 and 20 of it. */
    private static final int TICK = 500;

    private static final String ZOOKEEPER =
            "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain";
    private static final String JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    private static final String TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";

    private final Layout layout;
    private final Ports ports;
    private final FlinkSettings settings;
    private final JvmProcess zooKeeper;
    private final JvmProcess broker;
    private final JvmProcess jobManager;
    private final List<JvmProcess> taskManagers = new ArrayList<>();
    private final List<ProcessClock> clocks = new ArrayList<>();

    private Cluster(Layout layout, Ports ports) throws IOException {
        this.layout = layout;
        this.ports = ports;
        Path folder = layout.folder();
        Files.createDirectories(layout.logs());
        Files.createDirectories(layout.disk());
        settings = FlinkSettings.of(layout.home().resolve("docs/flink"), folder, ports);
        Path conf = folder.resolve("conf");
        settings.write(conf);
        zooKeeper = process(
                "zookeeper",
                ZOOKEEPER,
                List.of("-Xmx128m", "-Dzookeeper.admin.enableServer=false"),
                List.of(writeZooKeeperSettings().toString()));
        broker = process(
                "broker",
                BrokerProcess.class.getName(),
                List.of("-Xmx512m"),
                List.of(folder.resolve("kafka").toString(), Integer.toString(ports.broker())));
        jobManager = process("jobmanager", JOB_MANAGER, List.of("-Xmx512m"), List.of("--configDir", conf.toString()));
        Optional<Path> agent = layout.shiftedClocks() ? ProcessClock.findAgent() : Optional.empty();
        for (int i = 1; i <= layout.taskManagers(); i++) {
            String name = "taskmanager-" + i;
            List<String> options = new ArrayList<>(settings.taskManagerJvm());
            if (agent.isPresent()) {
                ProcessClock clock = new ProcessClock(agent.get(), folder.resolve(name + ".clock"));
                clock.shift(Duration.ZERO);
                clocks.add(clock);
                options.addAll(clock.options());
            }
            List<String> arguments = new ArrayList<>(List.of("--configDir", conf.toString()));
            arguments.addAll(settings.taskManagerArguments());
            arguments.add("-Dtaskmanager.rpc.port=" + ports.taskManagers().get(i - 1));
            taskManagers.add(process(name, TASK_MANAGER, options, arguments));
        }
    }

    private JvmProcess process(String name, String main, List<String> options, List<String> arguments) {
        return new JvmProcess(name, layout.logs(), new Program(main, options, arguments, Map.of()));
    }

    private Path writeZooKeeperSettings() throws IOException {
        Path file = layout.folder().resolve("zookeeper.properties");
        Files.writeString(file, """
                tickTime=%d
                dataDir=%s
                clientPort=%d
                clientPortAddress=127.0.0.1
                admin.enableServer=false
                """.formatted(TICK, layout.folder().resolve("zookeeper"), ports.zooKeeper()));
        return file;
    }

    /** Starts all processes, creates the topics, and returns when every slot is registered. */
    public static Cluster start(Layout layout) throws IOException, InterruptedException {
        Cluster cluster = new Cluster(layout, Ports.find(layout.taskManagers()));
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "kill-cluster"));
        try {
            cluster.zooKeeper.start();
            cluster.broker.start();
            cluster.jobManager.start();
            cluster.taskManagers.forEach(JvmProcess::start);
            cluster.createTopics();
            cluster.awaitTaskManagers();
            return cluster;
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
    }

    /** Creates the topics that are missing. Returns when the broker reports them. */
    public void createTopics() throws InterruptedException {
        Poll.until("the broker creates the topics", START, () -> {
            try (Admin admin = admin()) {
                new TopicProvisioner(admin).apply(TopicCatalog.shipped());
                return true;
            }
        });
    }

    /** Starts what has ended, and waits until all TaskManagers are registered. */
    public void awaitTaskManagers() throws InterruptedException {
        Poll.until("all TaskManagers are registered", START, () -> {
            repair();
            return rest().get("/taskmanagers").get("taskmanagers").size() >= taskManagers.size();
        });
    }

    /** Starts every process that has ended, as a supervisor of an operator does. */
    public void repair() {
        for (JvmProcess process : processes()) {
            if (!process.isAlive()) {
                process.start();
            }
        }
    }

    /** Returns a client for Kafka's administration. The caller closes it. */
    public Admin admin() {
        return Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
    }

    /** Returns the broker's address. */
    public String bootstrapServers() {
        return "127.0.0.1:" + ports.broker();
    }

    /** Returns Flink's REST API. */
    public FlinkRest rest() {
        return new FlinkRest("http://127.0.0.1:" + ports.rest());
    }

    /** Returns the settings of a client that submits jobs. */
    public Configuration client() {
        return settings.client();
    }

    /** Returns the size and the place of the cluster. */
    public Layout layout() {
        return layout;
    }

    /** Returns the process of the broker. */
    public JvmProcess broker() {
        return broker;
    }

    /** Returns the process of the JobManager. */
    public JvmProcess jobManager() {
        return jobManager;
    }

    /** Returns the processes of the TaskManagers. */
    public List<JvmProcess> taskManagers() {
        return List.copyOf(taskManagers);
    }

    /**
     * Returns the TaskManagers that Flink knows under some ids. An id begins with the address of the process.
     *
     * @param ids the ids in Flink's REST API
     */
    public List<JvmProcess> taskManagers(Set<String> ids) {
        List<JvmProcess> found = new ArrayList<>();
        for (int i = 0; i < taskManagers.size(); i++) {
            String address = "127.0.0.1:" + ports.taskManagers().get(i) + "-";
            if (ids.stream().anyMatch(id -> id.startsWith(address))) {
                found.add(taskManagers.get(i));
            }
        }
        return found;
    }

    /** Returns the clocks of the TaskManagers; empty if they cannot be shifted. */
    public List<ProcessClock> clocks() {
        return List.copyOf(clocks);
    }

    /** Returns all processes. */
    public List<JvmProcess> processes() {
        List<JvmProcess> all = new ArrayList<>(List.of(zooKeeper, broker, jobManager));
        all.addAll(taskManagers);
        return all;
    }

    /** Kills all processes. */
    @Override
    public void close() {
        processes().forEach(JvmProcess::close);
    }
}
