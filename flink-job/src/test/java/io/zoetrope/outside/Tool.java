package io.zoetrope.outside;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A program that tests use and that the build does not install. */
enum Tool {
    KCAT("kcat"),
    FFMPEG("ffmpeg"),
    FFPROBE("ffmpeg"),
    CHROMIUM("chromium"),
    CHROMEDRIVER("chromium-driver"),
    PROMTOOL("prometheus"),
    KUBECTL("kubernetes-client"),
    PYTHON3("python3"),
    NODE("nodejs"),
    NPM("npm"),
    GO("golang-go");

    private final String debianPackage;

    Tool(String debianPackage) {
        this.debianPackage = debianPackage;
    }

    /**
     * Returns its path. If it is missing, the test is skipped (with CI=true: fails) with a message that says the
     * remedy.
     */
    Path require() {
        return MissingTool.required(this::require);
    }

    Path require(Map<String, String> environment) {
        return onPath(program(), environment)
                .orElseThrow(() -> MissingTool.in(
                        environment,
                        program() + " is not on the PATH; install it with: sudo apt-get install " + debianPackage));
    }

    private String program() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the first program of the given name on the environment's PATH. */
    static Optional<Path> onPath(String program, Map<String, String> environment) {
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }
}
