package io.zoetrope.bench.measure;

import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.client.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a task manager with the given number of slots in a separate process, and prints its memory after some videos.
 */
final class SlotsProbe {
    static final String RSS = "RSS ";

    private SlotsProbe() {}

    /**
     * Prints the resident memory in KiB. The arguments are the broker's address, a file of settings of Kafka's
     * clients, the bundle, the number of slots, the job's name, and the number of videos.
     */
    public static void main(String[] arguments) throws Exception {
        int slots = Integer.parseInt(arguments[3]);
        int videos = Integer.parseInt(arguments[5]);
        KafkaSettings kafka = KafkaSettings.of(arguments[0], Optional.of(Path.of(arguments[1])), Map.of());
        try (JobCluster cluster = JobCluster.start(kafka, Path.of(arguments[2]), slots);
                RunningJob job = cluster.startZoetrope(arguments[4], "--parallelism", "" + slots)) {
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
