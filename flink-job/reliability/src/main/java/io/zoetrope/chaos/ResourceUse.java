package io.zoetrope.chaos;

import io.zoetrope.chaos.cluster.Cluster;
import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.Usage;
import io.zoetrope.chaos.report.Soak;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The measurement of what the processes of a cluster use under a steady load. */
final class ResourceUse {
    private static final Duration SAMPLE_INTERVAL = Duration.ofSeconds(10);

    private ResourceUse() {}

    /**
     * Samples the memory, the threads and the open files of all processes.
     *
     * @param length how long to measure
     * @param load the load in words
     * @throws IOException if a process has ended
     */
    static Soak measure(Duration length, String load, Cluster cluster) throws IOException, InterruptedException {
        Map<String, List<Usage>> samples = new LinkedHashMap<>();
        Instant end = Instant.now().plus(length);
        while (Instant.now().isBefore(end)) {
            for (JvmProcess process : cluster.processes()) {
                samples.computeIfAbsent(process.name(), name -> new ArrayList<>())
                        .add(Usage.of(process.pid()));
            }
            Thread.sleep(SAMPLE_INTERVAL.toMillis());
        }
        return new Soak(length, load, samples);
    }
}
