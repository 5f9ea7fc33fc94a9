package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.TopicReader;
import io.zoetrope.outside.MalformedEvents.Event;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sends 10,000 malformed records to {@code ./zoetrope up}, with good prompts between them. The system property
 * {@code malformed.report} names a file for the report.
 */
@Tag("slow")
class MalformedEventsIT {
    /** After this many records, and as many videos as they bring, the process has reached its size. */
    private static final int WARM_UP = 2000;

    private static final int RECORDS_PER_NEIGHBOUR = 100;
    private static final long MOST_GROWTH_KIB = 200L << 10;
    private static final Duration TIMEOUT = Duration.ofMinutes(30);

    private final Map<String, Event> malformed = new LinkedHashMap<>();
    private final Set<String> neighbours = new HashSet<>();

    @Test
    void everyMalformedEventIsOneFailureAndTheProcessDoesNotGrow() throws Exception {
        List<Event> events = MalformedEvents.all();
        try (UpProcess up = UpProcess.start();
                KafkaProducer<byte[], byte[]> producer = producer(up)) {
            long start = System.nanoTime();
            publish(producer, events.subList(0, WARM_UP));
            awaitAnswers(up);
            long before = residentKib(up);
            publish(producer, events.subList(WARM_UP, events.size()));
            awaitAnswers(up);
            long after = residentKib(up);
            long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();

            List<String> faults = new ArrayList<>();
            Map<String, Integer> counts = audit(failures(up), faults);
            assertThat(faults).isEmpty();
            assertThat(videos(up)).containsExactlyInAnyOrderElementsOf(neighbours);
            assertThat(restarts(up)).isZero();
            writeReport(counts, before, after, seconds);
            assertThat(after - before).isLessThan(MOST_GROWTH_KIB);
        }
    }

    private void publish(KafkaProducer<byte[], byte[]> producer, List<Event> events) throws Exception {
        Map<Event, Future<RecordMetadata>> sent = new LinkedHashMap<>();
        for (Event event : events) {
            if (sent.size() % RECORDS_PER_NEIGHBOUR == 0) {
                String id = "neighbour-" + neighbours.size();
                neighbours.add(id);
                byte[] prompt = PromptCodec.encode(new RequestBuilder(id, "a red circle").build());
                producer.send(new ProducerRecord<>("zoetrope.prompts", id.getBytes(StandardCharsets.UTF_8), prompt))
                        .get();
            }
            List<Header> headers = event.headers().stream()
                    .<Header>map(header -> new RecordHeader(header.name(), header.value()))
                    .toList();
            sent.put(
                    event,
                    producer.send(new ProducerRecord<>("zoetrope.prompts", null, event.key(), event.value(), headers)));
        }
        for (Map.Entry<Event, Future<RecordMetadata>> one : sent.entrySet()) {
            RecordMetadata at = one.getValue().get();
            malformed.put(position(at.partition(), at.offset()), one.getKey());
        }
    }

    private void awaitAnswers(UpProcess up) {
        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> failures(up).size() + videos(up).size() >= malformed.size() + neighbours.size());
    }

    /** Compares each failure with its record, and returns the number of records by what is wrong and the code. */
    private Map<String, Integer> audit(List<FailedPrompt> failures, List<String> faults) {
        Map<String, FailedPrompt> answers = new HashMap<>();
        for (FailedPrompt failure : failures) {
            if (answers.put(position(failure.getPartition(), failure.getOffset()), failure) != null) {
                faults.add("answered twice: " + failure);
            }
        }
        Map<String, Integer> counts = new TreeMap<>();
        malformed.forEach((position, event) -> {
            FailedPrompt answer = answers.get(position);
            if (answer == null) {
                faults.add("not answered: " + event.kind() + " at " + position);
            } else if (!event.codes().contains(answer.getCode())
                    || answer.getRetryable()
                    || !answer.getMessage().contains(event.fact())
                    || answer.getMessage().contains("Exception")) {
                faults.add(event.kind() + " got " + answer.getCode() + ": " + answer.getMessage());
            } else {
                counts.merge(event.kind() + " | " + answer.getCode(), 1, Integer::sum);
            }
        });
        return counts;
    }

    private static List<FailedPrompt> failures(UpProcess up) throws Exception {
        List<FailedPrompt> failures = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TopicReader.readAll(up.bootstrapServers(), "zoetrope.failures", "read_committed")) {
            failures.add(RecordCodec.FAILED_PROMPT.decode(record.value()));
        }
        return failures;
    }

    private static List<String> videos(UpProcess up) {
        return TopicReader.readAll(up.bootstrapServers(), "zoetrope.videos", "read_committed").stream()
                .map(record -> new String(record.key(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Returns the number of failures of the job's tasks, each of which restarts the job. */
    private static int restarts(UpProcess up) throws IOException {
        String job = get(up.webUi() + "/jobs").at("/jobs/0/id").asText();
        return get(up.webUi() + "/jobs/" + job + "/exceptions")
                .at("/exceptionHistory/entries")
                .size();
    }

    private static JsonNode get(String url) throws IOException {
        try (InputStream body = URI.create(url).toURL().openStream()) {
            return new ObjectMapper().readTree(body);
        }
    }

    private static long residentKib(UpProcess up) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + up.process().pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    private void writeReport(Map<String, Integer> counts, long before, long after, long seconds) throws IOException {
        StringBuilder report = new StringBuilder("| what is wrong | failure | records |\n|---|---|---|\n");
        counts.forEach((kind, count) -> report.append("| " + kind + " | " + count + " |\n"));
        report.append("\n| | |\n|---|---|\n")
                .append("| malformed records, each answered by one failure | " + malformed.size() + " |\n")
                .append("| good prompts between them, each answered by one video | " + neighbours.size() + " |\n")
                .append("| restarts | 0 |\n")
                .append("| resident memory after " + WARM_UP + " records | " + (before >> 10) + " MiB |\n")
                .append("| resident memory at the end | " + (after >> 10) + " MiB |\n")
                .append("| time | " + seconds + " s |\n");
        System.out.println(report);
        String file = System.getProperty("malformed.report");
        if (file != null) {
            Files.writeString(Path.of(file), report);
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(UpProcess up) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        up.bootstrapServers(),
                        "max.request.size",
                        128 << 20,
                        "max.in.flight.requests.per.connection",
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static String position(int partition, long offset) {
        return partition + "@" + offset;
    }
}
