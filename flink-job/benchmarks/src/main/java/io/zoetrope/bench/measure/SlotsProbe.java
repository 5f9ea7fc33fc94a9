package io.zoetrope.bench.measure;

import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.client.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Runs a task manager with the given number of slots in a separate process, and prints its memory after some videos.
 */
final class SlotsProbe {
    static final String RSS = "RSS ";

    private SlotsProbe() {}

    /**
     * Prints the resident memory in KiB. The arguments are the broker's address, the bundle, the number of slots, the
     * job's name, the number of videos, and settings of Kafka's clients, {@code name=value}.
     */
    public static void main(String[] arguments) throws Exception {
        int slots = Integer.parseInt(arguments[2]);
        int videos = Integer.parseInt(arguments[4]);
        Map<String, String> settings = Arrays.stream(arguments)
                .skip(5)
                .map(setting -> setting.split("=", 2))
                .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
        KafkaSettings kafka = KafkaSettings.of(arguments[0], Optional.empty(), settings);
        try (JobCluster cluster = JobCluster.start(kafka, Path.of(arguments[1]), slots);
                RunningJob job = cluster.startZoetrope(arguments[3], "--parallelism", "" + slots)) {
            job.warmUp(videos);
            job.warmUp(videos);
            System.out.println(RSS + residentKibibytes());
        }
        System.exit(0);
    }

    private static long residentKibibytes() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
