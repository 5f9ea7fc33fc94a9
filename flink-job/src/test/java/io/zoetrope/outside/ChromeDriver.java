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

/** The ChromeDriver process that controls Chromium. It listens on a free loopback port. */
final class ChromeDriver implements AutoCloseable {
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

    private final Process process;
    private final URI address;

    private ChromeDriver(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts the driver and returns when it accepts requests.
     *
     * @param folder the folder for temporary files, including the browser's profile
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
        List<String> lines = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return URI.create("http://127.0.0.1:" + started.group(1) + "/");
            }
            lines.add(line);
        }
        throw new IOException("chromedriver ended; its output is " + lines);
    }

    URI address() {
        return address;
    }

    /** Returns the driver's process and all processes of the browser. */
    List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    /** Kills the driver and the browser's processes, and returns when they have ended. */
    @Override
    public void close() {
        end(processes());
    }

    static void end(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }
}
