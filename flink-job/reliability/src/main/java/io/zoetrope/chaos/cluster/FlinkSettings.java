package io.zoetrope.chaos.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/** The settings of Flink's processes: the documented ones, and the addresses and folders of this cluster. */
final class FlinkSettings {
    private static final String LOOPBACK = "127.0.0.1";

    private final Configuration cluster;

    private FlinkSettings(Configuration cluster) {
        this.cluster = cluster;
    }

    /**
     * Combines the documented settings with this cluster's.
     *
     * @param documented the folder with the documented {@code config.yaml}
     */
    static FlinkSettings of(Path documented, Path folder, Ports ports) {
        Configuration cluster = GlobalConfiguration.loadConfiguration(documented.toString());
        Map<String, String> settings = new TreeMap<>();
        settings.put("jobmanager.rpc.address", LOOPBACK);
        settings.put("jobmanager.rpc.port", Integer.toString(ports.rpc()));
        settings.put("jobmanager.bind-host", LOOPBACK);
        settings.put("jobmanager.memory.process.size", "1024m");
        settings.put("rest.address", LOOPBACK);
        settings.put("rest.bind-address", LOOPBACK);
        settings.put("rest.port", Integer.toString(ports.rest()));
        settings.put("rest.bind-port", Integer.toString(ports.rest()));
        settings.put("taskmanager.host", LOOPBACK);
        settings.put("taskmanager.bind-host", LOOPBACK);
        settings.put("taskmanager.numberOfTaskSlots", "1");
        settings.put("taskmanager.memory.process.size", "1200m");
        settings.put("taskmanager.memory.managed.fraction", "0");
        settings.put("io.tmp.dirs", folder.resolve("tmp").toString());
        settings.put("high-availability.type", "zookeeper");
        settings.put("high-availability.zookeeper.quorum", LOOPBACK + ":" + ports.zooKeeper());
        settings.put(
                "high-availability.storageDir", folder.resolve("ha").toUri().toString());
        settings.put("web.submit.enable", "false");
        // The REST API shows a cached state; its default age of 3 s hides when a fault is noticed.
        settings.put("web.refresh-interval", "100");
        settings.forEach(cluster::setString);
        return new FlinkSettings(cluster);
    }

    /** Returns the settings of a client that submits jobs. It finds the JobManager by its fixed address. */
    Configuration client() {
        Configuration client = new Configuration(cluster);
        client.setString("high-availability.type", "NONE");
        return client;
    }

    /** Writes {@code config.yaml} into a folder, as Flink's processes read it. */
    void write(Path folder) throws IOException {
        StringBuilder yaml = new StringBuilder();
        cluster.toMap()
                .forEach((key, value) -> yaml.append(key)
                        .append(": \"")
                        .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                        .append("\"\n"));
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.yaml"), yaml);
    }

    private TaskExecutorProcessSpec taskManager() {
        Configuration settings = new Configuration(cluster);
        settings.set(TaskManagerOptions.CPU_CORES, 1.0);
        return TaskExecutorProcessUtils.processSpecFromConfig(settings);
    }

    /** Returns the JVM options of a TaskManager, which Flink derives from its memory settings. */
    List<String> taskManagerJvm() {
        return List.of(
                ProcessMemoryUtils.generateJvmParametersStr(taskManager()).split(" ", -1));
    }

    /** Returns the arguments of a TaskManager that Flink derives from its memory settings. */
    List<String> taskManagerArguments() {
        List<String> arguments = new ArrayList<>();
        for (String argument : TaskExecutorProcessUtils.generateDynamicConfigsStr(taskManager())
                .split(" ", -1)) {
            if (!argument.isEmpty()) {
                arguments.add(argument);
            }
        }
        return arguments;
    }
}
