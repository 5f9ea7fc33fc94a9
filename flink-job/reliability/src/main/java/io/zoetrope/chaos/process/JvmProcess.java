package io.zoetrope.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program of this process's class path that runs in a JVM of its own, and that can be started again. */
public final class JvmProcess implements AutoCloseable {
    private static final int SECONDS_TO_END = 30;

    private final String name;
    private final Path folder;
    private final Program program;
    private @Nullable Process process;

    /**
     * A program.
     *
     * @param mainClass the class with the main method
     * @param options the options of the JVM
     * @param arguments the arguments of the program
     * @param environment variables that are added to the environment of this process
     */
    public record Program(
            String mainClass, List<String> options, List<String> arguments, Map<String, String> environment) {
        public Program {
            options = List.copyOf(options);
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * Creates the process without starting it.
     *
     * @param name the name of the process and of its files
     * @param folder the folder of its log {@code NAME.log} and its output {@code NAME.out}
     */
    public JvmProcess(String name, Path folder, Program program) {
        this.name = name;
        this.folder = folder;
        this.program = program;
    }

    /** Starts the program. The previous process must have ended. */
    public void start() {
        if (isAlive()) {
            throw new IllegalStateException(name + " is already running as " + pid());
        }
        // A shell starts background jobs with SIGINT ignored, which a JVM would inherit and never undo.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dchaos.log=" + log(),
                "-Dlog4j2.configurationFile=chaos-log4j2.properties",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir")));
        command.addAll(program.options());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.mainClass()));
        command.addAll(program.arguments());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()));
        builder.environment().putAll(program.environment());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " could not be started: " + String.join(" ", command), e);
        }
    }

    /** Returns the name of the process. */
    public String name() {
        return name;
    }

    /** Returns the file with the log of all processes of this name. */
    public Path log() {
        return folder.resolve(name + ".log");
    }

    /** Returns the file with the standard output and the standard error. */
    public Path output() {
        return folder.resolve(name + ".out");
    }

    /** Returns the process id. */
    public long pid() {
        return running().pid();
    }

    /** Returns whether the process runs or is suspended. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Sends a signal, and returns without waiting for its effect. */
    public void signal(Signal signal) throws IOException, InterruptedException {
        signal.send(pid());
    }

    /** Kills the process with SIGKILL, and returns when it has ended. */
    public void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Sends SIGTERM, and returns when the process has ended. Kills it if it does not end within 30 s. */
    public void terminate() throws InterruptedException {
        if (isAlive()) {
            running().destroy();
            if (!running().waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                kill();
            }
        }
    }

    /**
     * Waits for the end of the process.
     *
     * @return its exit code
     * @throws IllegalStateException if it does not end in time
     */
    public int awaitEnd(long seconds) throws InterruptedException {
        if (!running().waitFor(seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " has not ended within " + seconds + " s; see " + log());
        }
        return running().exitValue();
    }

    private Process running() {
        return Objects.requireNonNull(process, () -> name + " has not been started");
    }

    /** Kills the process, without waiting for its end. */
    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
