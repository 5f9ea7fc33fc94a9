package io.zoetrope.bench.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processor time that the threads of this process have used, by what they are for: a profile of a whole job.
 *
 * <p>Linux keeps it for every thread, those of native libraries too. A thread that has ended is no longer counted.
 *
 * @param seconds by what the threads are for
 */
public record ThreadTimes(Map<Use, Double> seconds) {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final double TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on
    private static final int USER_TIME = 11; // of the fields behind the name: proc(5), stat, fields 14 and 15

    /** What a thread is for, by its name: the first of these that it matches. */
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
     * As it is now.
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
                    // Between the listing and the look: no such file, or no such process once it is open.
                }
            }
        }
        return new ThreadTimes(seconds);
    }

    private static void add(String stat, Map<Use, Double> seconds) {
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double ticks = Double.parseDouble(fields[USER_TIME]) + Double.parseDouble(fields[USER_TIME + 1]);
        seconds.merge(Use.of(name), ticks / TICKS_A_SECOND, Double::sum);
    }

    /** What was used since then for one thing. */
    public double since(ThreadTimes then, Use use) {
        return seconds.getOrDefault(use, 0.0) - then.seconds.getOrDefault(use, 0.0);
    }
}
