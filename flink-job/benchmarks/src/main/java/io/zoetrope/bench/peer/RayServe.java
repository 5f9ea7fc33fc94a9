package io.zoetrope.bench.peer;

import io.zoetrope.bench.device.Clips;
import io.zoetrope.bench.device.OpenLoop;
import io.zoetrope.bench.statistics.Rate;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The Ray Serve peer, which runs in separate processes, and an HTTP client for it. */
public final class RayServe implements AutoCloseable {
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(1);

    private final Process process;
    private final URI address;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RayServe(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts the peer and returns when it accepts requests.
     *
     * @param python the Python of the environment in which Ray is installed
     * @param script the path of peers/ray_serve.py
     * @param arguments the script's arguments except the port
     */
    public static RayServe start(Path python, Path script, List<String> arguments) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(python.toString(), script.toString(), "--port", "" + port));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        // By default Ray gives its workers a lower scheduling priority than other processes.
        builder.environment().put("RAY_worker_niceness", "0");
        Process process = builder.start();
        RayServe peer = new RayServe(process, URI.create("http://127.0.0.1:" + port + "/"));
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals("READY")) {
                return peer;
            }
        }
        throw new IOException(
                "Ray Serve did not start; run this command to see its output:" + " " + String.join(" ", command));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Requests the given number of videos, with {@code concurrency} requests in flight at any time. */
    public void warmUp(int videos, int concurrency) throws Exception {
        var unused = closedLoop(videos, concurrency);
    }

    /** Returns the videos per second with {@code concurrency} requests in flight at any time. */
    public double rate(int videos, int concurrency) throws Exception {
        return Rate.steady(closedLoop(videos, concurrency));
    }

    /**
     * Sends requests at the given times, and returns the time from when each was due until its video was read, in ns.
     */
    public long[] latencies(long[] arrivals) throws Exception {
        return OpenLoop.latencies(arrivals, this::send);
    }

    private long[] closedLoop(int videos, int concurrency) throws Exception {
        Semaphore room = new Semaphore(concurrency);
        long[] nanos = new long[videos];
        CompletableFuture<?>[] answers = new CompletableFuture<?>[videos];
        for (int i = 0; i < videos; i++) {
            int index = i;
            room.acquire();
            answers[i] = send(i).whenComplete((answer, fault) -> {
                nanos[index] = System.nanoTime();
                room.release();
            });
        }
        CompletableFuture.allOf(answers).get(ANSWER_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        return nanos;
    }

    private CompletableFuture<byte[]> send(int index) {
        String body = String.format(Locale.ROOT, "{\"prompt\": \"%s\", \"seed\": %d}", Clips.text(index), index);
        HttpRequest request = HttpRequest.newBuilder(address)
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(response -> {
            if (response.statusCode() != 200) {
                throw new IllegalStateException("Ray Serve answered " + response.statusCode());
            }
            return response.body();
        });
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
