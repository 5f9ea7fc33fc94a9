package io.zoetrope.bench;

import ai.onnxruntime.OrtEnvironment;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.config.JobOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Describes the machine and the versions with which figures are measured. */
final class Machine {
    private Machine() {}

    static Map<String, String> describe(Path home, ModelBundle bundle) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("commit", commit(home));
        machine.put("bundle", bundle.manifest().name() + " " + bundle.manifest().version());
        machine.put("videos", String.valueOf(JobOptions.ENCODER.defaultText()));
        machine.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " cores, " + line("/proc/cpuinfo", "model name") + ", "
                        + line("/proc/meminfo", "MemTotal") + " of memory");
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put(
                "Java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version")
                        + " with "
                        + ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                .filter(argument -> argument.startsWith("-XX:"))
                                .collect(Collectors.joining(" ")));
        machine.put("ONNX Runtime", OrtEnvironment.getEnvironment().getVersion());
        machine.put("load average at the start", load());
        return machine;
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

    private static String line(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
        } catch (IOException e) {
            return "unknown";
        }
    }
}
