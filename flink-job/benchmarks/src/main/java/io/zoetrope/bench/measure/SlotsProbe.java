package io.zoetrope.bench.measure;

import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import java.nio.file.Files;
import java.nio.file.Path;

/** A task manager with some slots in a process of its own, which tells its memory after some traffic. */
final class SlotsProbe {
    static final String RSS = "RSS ";

    private SlotsProbe() {}

    /** Takes the broker's address, the bundle, the slots, a name and the number of videos; prints RSS in KiB. */
    public static void main(String[] arguments) throws Exception {
        int slots = Integer.parseInt(arguments[2]);
        int videos = Integer.parseInt(arguments[4]);
        try (JobCluster cluster = JobCluster.start(arguments[0], Path.of(arguments[1]), slots);
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
