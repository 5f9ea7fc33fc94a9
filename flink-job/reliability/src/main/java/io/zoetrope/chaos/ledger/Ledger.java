package io.zoetrope.chaos.ledger;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The record of all requests, in a file outside Kafka. A request is written before it is sent, and again when Kafka has
 * acknowledged or refused it. Each line is flushed, so the file survives the end of this process. A later process can
 * continue the file.
 *
 * <pre>
 * sent ID CLIP MILLIS
 * acknowledged ID TOPIC-PARTITION@OFFSET
 * refused ID REASON
 * </pre>
 */
public final class Ledger implements AutoCloseable {
    private final Map<String, Request> requests = new ConcurrentHashMap<>();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final BufferedWriter file;

    /**
     * A request.
     *
     * @param clip the clip that it asks for
     * @param sentMillis the time at which it was sent
     */
    public record Request(int clip, long sentMillis) {}

    private Ledger(BufferedWriter file) {
        this.file = file;
    }

    /** Opens the ledger in a file, with the requests that the file holds already. */
    public static Ledger open(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        List<String> lines = Files.exists(path) ? Files.readAllLines(path) : List.of();
        Ledger ledger = new Ledger(Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "sent" ->
                    ledger.requests.put(words[1], new Request(Integer.parseInt(words[2]), Long.parseLong(words[3])));
                case "acknowledged" -> ledger.acknowledged.put(words[1], words[2]);
                default -> {} // the prompts topic says whether it holds a refused request
            }
        }
        return ledger;
    }

    /** Records a request that is about to be sent. */
    void sent(String id, int clip, long millis) {
        requests.put(id, new Request(clip, millis));
        write("sent " + id + " " + clip + " " + millis);
    }

    /** Records a request that Kafka has acknowledged. */
    void acknowledged(String id, String position) {
        acknowledged.put(id, position);
        write("acknowledged " + id + " " + position);
    }

    /** Records a request of which Kafka has said that it was not stored, or nothing within the time limit. */
    void refused(String id, Exception reason) {
        write("refused " + id + " " + reason);
    }

    private synchronized void write(String line) {
        try {
            file.write(line);
            file.newLine();
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the ledger could not be written", e);
        }
    }

    /** Returns a request; empty if the id was never sent. */
    public Optional<Request> request(String id) {
        return Optional.ofNullable(requests.get(id));
    }

    /** Returns the number of requests that were sent. */
    public int size() {
        return requests.size();
    }

    /** Returns the position of each request that Kafka has acknowledged, by its id. */
    public Map<String, String> acknowledged() {
        return Map.copyOf(acknowledged);
    }

    /** Returns the ids that were acknowledged and that are not in the given collection, in their order. */
    public List<String> missingFrom(Set<String> answered) {
        List<String> missing = new ArrayList<>();
        for (String id : acknowledged.keySet()) {
            if (!answered.contains(id)) {
                missing.add(id);
            }
        }
        missing.sort(String::compareTo);
        return missing;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
