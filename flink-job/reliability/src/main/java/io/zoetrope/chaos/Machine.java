package io.zoetrope.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Describes the machine and the version that a run is made with. */
final class Machine {
    private Machine() {}

    static Map<String, String> describe(Path home) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("commit", commit(home));
        machine.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " cores, " + field("/proc/cpuinfo", "model name") + ", "
                        + field("/proc/meminfo", "MemTotal") + " of memory");
        machine.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put("load average at the start", load());
        return machine;
    }

    /** Returns the load averages of 1, 5 and 15 minutes. */
    static String load() {
        try {
            String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
            return words[0] + " " + words[1] + " " + words[2];
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String commit(Path home) {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .directory(home.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String name = git.inputReader().readLine();
            return name == null ? "unknown" : name;
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String field(String file, String name) {
        try {
            Matcher line = Pattern.compile("(?m)^" + name + "\\s*:\\s*(.*)$").matcher(Files.readString(Path.of(file)));
            return line.find() ? line.group(1) : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
