package io.zoetrope.outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code ./zoetrope up} in a process of its own, on free ports, until it is closed. */
final class UpProcess implements AutoCloseable {
    private static final String ADDRESS = "Kafka ";
    private static final String LAST_LINE = "Stop:";
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final String bootstrapServers;

    private UpProcess(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /** Starts it and returns when the job runs. */
    static UpProcess start() throws IOException {
        Process process = new ProcessBuilder(Launch.zoetrope("up", "--kafka-port", "0", "--ui-port", "0"))
                .directory(Repository.ROOT.toFile())
                .redirectError(Redirect.INHERIT)
                .start();
        return new UpProcess(process, bootstrapServers(process.inputReader()));
    }

    private static String bootstrapServers(BufferedReader output) throws IOException {
        List<String> said = new ArrayList<>();
        String address = "";
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.add(line);
            if (line.startsWith(ADDRESS)) {
                address = line.substring(ADDRESS.length()).trim();
            }
            if (line.startsWith(LAST_LINE)) {
                return address;
            }
        }
        throw new AssertionError("up ended, it said:\n" + String.join("\n", said));
    }

    /** Where its Kafka is. */
    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Stops it as Ctrl-C does. */
    @Override
    public void close() throws InterruptedException, ExecutionException {
        process.destroy();
        try {
            process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new AssertionError("up was still running " + PATIENCE_SECONDS + " s after it was told to stop", e);
        }
    }
}
