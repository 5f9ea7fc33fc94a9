package io.zoetrope.chaos.clock;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The wall clock of another process, which can be shifted while that process runs.
 *
 * @param agent the jar with the agent
 * @param file the file from which the process reads the shift
 */
public record ProcessClock(Path agent, Path file) {
    /** Returns the jar with the agent; empty if this code does not run from a jar. */
    public static Optional<Path> findAgent() {
        try {
            Path jar = Path.of(ClockAgent.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Files.isRegularFile(jar) ? Optional.of(jar) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Returns the options of the process's JVM. */
    public List<String> options() {
        return List.of("-javaagent:" + agent, "-D" + ShiftedClock.FILE + "=" + file);
    }

    /** Shifts the clock, relative to the true time. */
    public void shift(Duration by) throws IOException {
        ShiftedClock.write(file, by);
    }
}
