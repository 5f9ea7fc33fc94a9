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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The peer in Python, in processes of its own, and a client that speaks HTTP to it. */
public final class RayServe implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final URI address;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RayServe(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts it; returns when it serves.
     *
     * @param python of the environment that has Ray
     * @param script peers/ray_serve.py
     * @param arguments of the script, but for the port
     */
    public static RayServe start(Path python, Path script, List<String> arguments) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(python.toString(), script.toString(), "--port", "" + port));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        // Else Ray lets its workers give way to everything else on the machine.
        builder.environment().put("RAY_worker_niceness", "0");
        Process process = builder.start();
        RayServe peer = new RayServe(process, URI.create("http://127.0.0.1:" + port + "/"));
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals("READY")) {
                return peer;
            }
        }
        throw new IOException("Ray Serve did not start; see what this says: " + String.join(" ", command));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Asks for so many videos, with {@code concurrency} of them under way at any time. */
    public void warmUp(int videos, int concurrency) throws Exception {
        var unused = closedLoop(videos, concurrency);
    }

    /** Videos a second with so many requests under way at any time. */
    public double rate(int videos, int concurrency) throws Exception {
        return Rate.steady(closedLoop(videos, concurrency));
    }

    /** As the job's: from when each request was due to when its video was read; in nanoseconds. */
    public long[] latencies(long[] arrivals) throws Exception {
        return OpenLoop.latencies(arrivals, this::ask);
    }

    private long[] closedLoop(int videos, int concurrency) throws Exception {
        Semaphore room = new Semaphore(concurrency);
        long[] nanos = new long[videos];
        CompletableFuture<?>[] answers = new CompletableFuture<?>[videos];
        for (int i = 0; i < videos; i++) {
            int index = i;
            room.acquire();
            answers[i] = ask(i).whenComplete((answer, fault) -> {
                nanos[index] = System.nanoTime();
                room.release();
            });
        }
        CompletableFuture.allOf(answers).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return nanos;
    }

    private CompletableFuture<byte[]> ask(int index) {
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
