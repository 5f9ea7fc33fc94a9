package io.zoetrope;

import static org.awaitility.Awaitility.await;

import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The three topics of one test, with clients that publish prompts and read answers. */
final class TestTopics implements AutoCloseable {
    static final int LIMIT = 1 << 20;

    static final int PARTITIONS = 4;

    final String prompts;
    final String videos;
    final String failures;

    private final Map<String, String> settings;
    private final String bootstrapServers;
    private final KafkaProducer<byte[], byte[]> producer;

    TestTopics(String bootstrapServers) throws ExecutionException, InterruptedException {
        this(bootstrapServers, UUID.randomUUID().toString());
    }

    /** Creates topics whose names begin with a given name. */
    TestTopics(String bootstrapServers, String name) throws ExecutionException, InterruptedException {
        this(bootstrapServers, name, Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(LIMIT)));
    }

    /** Creates topics with the given settings. */
    TestTopics(String bootstrapServers, Map<String, String> settings) throws ExecutionException, InterruptedException {
        this(bootstrapServers, UUID.randomUUID().toString(), settings);
    }

    private TestTopics(String bootstrapServers, String name, Map<String, String> settings)
            throws ExecutionException, InterruptedException {
        this.settings = settings;
        this.prompts = name + ".prompts";
        this.videos = name + ".videos";
        this.failures = name + ".failures";
        this.bootstrapServers = bootstrapServers;
        try (Admin admin = admin()) {
            admin.createTopics(List.of(topic(prompts), topic(videos), topic(failures)))
                    .all()
                    .get();
        }
        this.producer = new KafkaProducer<>(
                Map.of(
                        // The broker accepts a later batch before a first one that met a topic without a leader, and
                        // then refuses that one for ever.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        1,
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private NewTopic topic(String name) {
        return new NewTopic(name, PARTITIONS, (short) 1).configs(settings);
    }

    /** Deletes all records of the prompts topic, as retention does. */
    void deleteAllPrompts() throws ExecutionException, InterruptedException {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            all.put(new TopicPartition(prompts, i), RecordsToDelete.beforeOffset(-1));
        }
        try (Admin admin = admin()) {
            admin.deleteRecords(all).all().get();
        }
    }

    /** Deletes the prompts topic, and creates an empty one of the same name. */
    void createPromptsAgain() throws ExecutionException, InterruptedException {
        delete(prompts);
        create(prompts);
    }

    void delete(String topic) throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    /** Creates a topic. Waits while the broker still deletes one of the same name. */
    void create(String topic) {
        try (Admin admin = admin()) {
            await().atMost(Duration.ofMinutes(1))
                    .ignoreExceptionsMatching(e -> e.getCause() instanceof TopicExistsException)
                    .until(() -> {
                        admin.createTopics(List.of(topic(topic))).all().get();
                        return true;
                    });
        }
    }

    private Admin admin() {
        return Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrapServers));
    }

    /** Returns the options of a job that uses these topics, followed by the given options. */
    List<String> options(String... additional) {
        List<String> options = new ArrayList<>(List.of(
                "--bootstrap-servers", bootstrapServers,
                "--prompts-topic", prompts,
                "--videos-topic", videos,
                "--failures-topic", failures,
                "--group-id", prompts,
                "--transactional-id-prefix", prompts,
                "--max-payload-bytes", "1 MiB"));
        options.addAll(List.of(additional));
        return options;
    }

    /** Publishes a prompt without a seed, so that the job derives the seed from the id. */
    void publish(String requestId, String text, Header... headers) throws ExecutionException, InterruptedException {
        byte[] event = event(requestId, text, Optional.empty());
        producer.send(new ProducerRecord<>(prompts, null, key(requestId), event, List.of(headers)))
                .get();
    }

    /** Publishes prompts of a tenant, and returns when Kafka has acknowledged all. */
    void publishOf(String tenant, List<String> requestIds) throws ExecutionException, InterruptedException {
        publishAll(tenant, requestIds, "a circle");
    }

    /** Publishes prompts of a tenant with one text, and returns when Kafka has acknowledged all. */
    void publishAll(String tenant, List<String> requestIds, String text)
            throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (String id : requestIds) {
            byte[] event = PromptCodec.encode(
                    new RequestBuilder(id, text).label("tenant", tenant).build());
            sent.add(producer.send(new ProducerRecord<>(prompts, key(id), event)));
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    void publish(String requestId, String text, long seed) throws ExecutionException, InterruptedException {
        send(key(requestId), event(requestId, text, Optional.of(seed)));
    }

    void cancel(String requestId) throws ExecutionException, InterruptedException {
        send(key(requestId), null);
    }

    /** Publishes a record to a topic, and returns the time that Kafka gave it. */
    Instant send(String topic, byte[] key, byte @Nullable [] value) throws ExecutionException, InterruptedException {
        return Instant.ofEpochMilli(
                producer.send(new ProducerRecord<>(topic, 0, key, value)).get().timestamp());
    }

    /** Publishes a record with the given bytes, and returns when Kafka has acknowledged it. */
    void send(byte @Nullable [] key, byte @Nullable [] value) throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>(prompts, key, value)).get();
    }

    static byte[] key(String requestId) {
        return requestId.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] event(String requestId, String text, Optional<Long> seed) {
        RequestBuilder request = new RequestBuilder(requestId, text).label("test", "delivery");
        seed.ifPresent(request::seed);
        return PromptCodec.encode(request.build());
    }

    /** Returns all segments that a reader of committed records sees. */
    List<VideoSegment> segments() throws MalformedRecordException {
        return segments("read_committed");
    }

    List<VideoSegment> segments(String isolation) throws MalformedRecordException {
        List<VideoSegment> segments = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read(videos, isolation)) {
            segments.add(RecordCodec.VIDEO_SEGMENT.decode(record.value()));
        }
        return segments;
    }

    /** Returns all failures that a reader of committed records sees. */
    List<FailedPrompt> failures() throws MalformedRecordException {
        List<FailedPrompt> found = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read(failures, "read_committed")) {
            found.add(RecordCodec.FAILED_PROMPT.decode(record.value()));
        }
        return found;
    }

    /** Returns the headers of every answer that a reader of committed records sees, by the answer's key. */
    Map<String, Headers> headers() {
        Map<String, Headers> headers = new HashMap<>();
        for (String topic : List.of(videos, failures)) {
            for (ConsumerRecord<byte[], byte[]> record : read(topic, "read_committed")) {
                headers.put(new String(record.key(), StandardCharsets.UTF_8), record.headers());
            }
        }
        return headers;
    }

    /** Waits until a reader of committed records sees at least {@code count} segments and failures. */
    void awaitAnswers(int count, Duration timeout) {
        await().atMost(timeout).until(() -> segments().size() + failures().size() >= count);
    }

    /** Returns the values that a reader of committed records sees, unread. */
    List<byte[]> values(String topic) {
        return read(topic, "read_committed").stream().map(ConsumerRecord::value).toList();
    }

    /** Waits until a reader of committed records sees at least {@code count} answers, in any framing. */
    void awaitValues(int count, Duration timeout) {
        await().atMost(timeout)
                .until(() -> values(videos).size() + values(failures).size() >= count);
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic, String isolation) {
        return TopicReader.readAll(bootstrapServers, topic, isolation);
    }

    @Override
    public void close() {
        producer.close();
    }
}
