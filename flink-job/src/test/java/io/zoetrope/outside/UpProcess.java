package io.zoetrope.outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that runs {@code ./zoetrope up} on free ports until it is closed. */
final class UpProcess implements AutoCloseable {
    private static final String ADDRESS_PREFIX = "Kafka ";
    private static final String WEB_UI_PREFIX = "Flink UI";
    private static final String LAST_LINE_PREFIX = "Stop:";
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(2);

    private final Process process;
    private final String bootstrapServers;
    private final String webUi;

    private UpProcess(Process process, String bootstrapServers, String webUi) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
        this.webUi = webUi;
    }

    /** Starts the process with more options, and returns when the job runs. */
    static UpProcess start(String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of("up", "--kafka-port", "0", "--ui-port", "0"));
        line.addAll(List.of(options));
        Process process = new ProcessBuilder(Launch.zoetrope(line.toArray(String[]::new)))
                .directory(Repository.ROOT.toFile())
                .redirectError(Redirect.INHERIT)
                .start();
        List<String> lines = firstLines(process.inputReader());
        return new UpProcess(process, value(lines, ADDRESS_PREFIX), value(lines, WEB_UI_PREFIX));
    }

    private static List<String> firstLines(BufferedReader output) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith(LAST_LINE_PREFIX)) {
                return lines;
            }
        }
        throw new AssertionError("./zoetrope up ended; its output is:\n" + String.join("\n", lines));
    }

    private static String value(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()).trim())
                .findFirst()
                .orElseThrow();
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Returns the address of its Kafka broker. */
    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the address of Flink's web UI and REST API. */
    String webUi() {
        return webUi;
    }

    /** Stops the process as Ctrl-C does. */
    @Override
    public void close() throws InterruptedException, ExecutionException {
        process.destroy();
        try {
            process.onExit().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError(
                    "./zoetrope up was still running " + STOP_TIMEOUT.toSeconds() + " s after the signal to stop", e);
        }
    }
}
