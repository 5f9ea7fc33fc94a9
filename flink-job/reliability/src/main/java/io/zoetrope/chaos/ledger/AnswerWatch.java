package io.zoetrope.chaos.ledger;

import io.zoetrope.wire.MalformedRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;

/** Reads committed answers while they appear, on a thread of its own, and records when each became visible. */
public final class AnswerWatch implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    private final AnswerTopics topics;
    private final Ledger ledger;
    private final List<Arrival> arrivals = new ArrayList<>();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::run, "answer-watch");
    private volatile boolean closed;

    /**
     * An answer that became visible to a reader of committed records.
     *
     * @param id the request
     * @param sentMillis the time at which the request was sent
     * @param visibleMillis the time at which this watch read the answer
     */
    public record Arrival(String id, long sentMillis, long visibleMillis) {
        /** Returns the time from the request to its visible answer. */
        public Duration latency() {
            return Duration.ofMillis(visibleMillis - sentMillis);
        }
    }

    /** Starts to read. */
    public AnswerWatch(AnswerTopics topics, Ledger ledger) {
        this.topics = topics;
        this.ledger = ledger;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
                consumer.assign(topics.partitions(consumer));
                while (!closed) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        arrived(topics.requestId(record));
                    }
                }
            } catch (KafkaException | MalformedRecordException e) {
                // The broker is down, or a topic was deleted: start again, and skip what was read before.
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private void arrived(String id) {
        long now = System.currentTimeMillis();
        if (answered.add(id)) {
            ledger.request(id).ifPresent(request -> {
                synchronized (arrivals) {
                    arrivals.add(new Arrival(id, request.sentMillis(), now));
                }
            });
        }
    }

    /** Returns the answers from number {@code from} on, in the order in which they became visible. */
    public List<Arrival> arrivals(int from) {
        synchronized (arrivals) {
            return List.copyOf(arrivals.subList(Math.min(from, arrivals.size()), arrivals.size()));
        }
    }

    /** Returns the number of requests that are answered. */
    public int count() {
        synchronized (arrivals) {
            return arrivals.size();
        }
    }

    /** Returns the requests that are answered. */
    public Set<String> answered() {
        return Set.copyOf(answered);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
