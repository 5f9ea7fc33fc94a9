package io.zoetrope.bench.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processor time that the threads of this process have used, by their purpose: a profile of a whole job.
 *
 * <p>Linux records the time of every thread, including threads of native libraries. Ended threads are not counted.
 *
 * @param seconds the processor time by the threads' purpose
 */
public record ThreadTimes(Map<Use, Double> seconds) {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on
    private static final int USER_TIME = 11; // the index after the name: proc(5), stat, fields 14 and 15

    /** The purpose of a thread: the first constant whose pattern matches the thread's name. */
    public enum Use {
        INFERENCE("lane-.*"),
        ENCODE("encode-.*"),
        KAFKA("(data-plane|kafka|quorum|controller|broker)-.*"),
        JVM("(C1|C2|G1|GC|VM) .*"),
        FLINK_AND_CLIENT(".*");

        private final Pattern names;

        Use(String names) {
            this.names = Pattern.compile(names);
        }

        static Use of(String thread) {
            return Stream.of(values())
                    .filter(use -> use.names.matcher(thread).matches())
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * Returns the times used until now.
     *
     * @throws IOException if the threads cannot be listed
     */
    public static ThreadTimes now() throws IOException {
        Map<Use, Double> seconds = new EnumMap<>(Use.class);
        try (Stream<Path> threads = Files.list(THREADS)) {
            for (Path thread : threads.toList()) {
                try {
                    add(Files.readString(thread.resolve("stat")), seconds);
                } catch (IOException ended) {
                    // The thread ended after it was listed: no such file, or no such process if the file was open.
                }
            }
        }
        return new ThreadTimes(seconds);
    }

    private static void add(String stat, Map<Use, Double> seconds) {
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double ticks = Double.parseDouble(fields[USER_TIME]) + Double.parseDouble(fields[USER_TIME + 1]);
        seconds.merge(Use.of(name), ticks / TICKS_PER_SECOND, Double::sum);
    }

    /** Returns the processor time in seconds that was used for one purpose since an earlier measurement. */
    public double since(ThreadTimes earlier, Use use) {
        return seconds.getOrDefault(use, 0.0) - earlier.seconds.getOrDefault(use, 0.0);
    }
}
