package io.zoetrope.outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The process that drives Chromium, on a free loopback port. */
final class ChromeDriver implements AutoCloseable {
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

    private final Process process;
    private final URI address;

    private ChromeDriver(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts the driver and returns when it serves.
     *
     * @param folder for temporary files, the browser's profile among them
     */
    static ChromeDriver start(Path folder) {
        try {
            ProcessBuilder command =
                    new ProcessBuilder(Tool.CHROMEDRIVER.require().toString(), "--port=0");
            command.environment().put("TMPDIR", folder.toString());
            Process process = command.redirectErrorStream(true).start();
            return new ChromeDriver(process, address(process.inputReader()));
        } catch (IOException e) {
            throw new IllegalStateException("chromedriver did not start: " + e, e);
        }
    }

    private static URI address(BufferedReader output) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return URI.create("http://127.0.0.1:" + started.group(1) + "/");
            }
            said.add(line);
        }
        throw new IOException("it ended and said " + said);
    }

    URI address() {
        return address;
    }

    /** The driver's process and all of the browser's. */
    List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    /** Ends the driver and what there is of the browser; returns when they are gone. */
    @Override
    public void close() {
        end(processes());
    }

    static void end(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(each -> each.onExit().join());
    }
}
