package io.zoetrope.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The resources that a process uses, as Linux shows them in {@code /proc}.
 *
 * @param residentBytes the memory that is resident
 * @param threads the number of threads
 * @param handles the number of open files and sockets
 */
public record Usage(long residentBytes, long threads, long handles) {
    private static final long KIBIBYTE = 1024;

    /**
     * Reads the usage of a process.
     *
     * @throws IOException if the process has ended
     */
    public static Usage of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        List<String> status = Files.readAllLines(process.resolve("status"));
        try (Stream<Path> handles = Files.list(process.resolve("fd"))) {
            return new Usage(KIBIBYTE * number(status, "VmRSS:"), number(status, "Threads:"), handles.count());
        }
    }

    private static long number(List<String> status, String field) throws IOException {
        for (String line : status) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.substring(field.length()).replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("the process status has no field " + field);
    }
}
