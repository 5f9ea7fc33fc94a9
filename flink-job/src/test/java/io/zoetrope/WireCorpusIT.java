package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that no record of the prompts topic restarts the job, and that every record is answered as it should be. */
class WireCorpusIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final List<String> SENDERS_CODES = List.of(
            "INVALID_EVENT",
            "PROMPT_TOO_LONG",
            "UNKNOWN_MODEL",
            "UNSUPPORTED_SHAPE",
            "IMAGE_REJECTED",
            "DEADLINE_EXCEEDED");

    @RegisterExtension
    private static final TestCluster servers = new TestCluster(1);

    private LocalCluster.@Nullable Job job;

    @AfterEach
    void stopTheJob() throws InterruptedException {
        if (job != null) {
            servers.flink().cancel(job);
            job = null;
        }
    }

    @Test
    void everyRecordOfTheCorpusIsAnsweredAsItShouldBe() throws Exception {
        publishAndCheckTheCorpus();
    }

    @Test
    void aBatchThatInflatesIsRefusedByTheTopicAndItsNeighboursAreAnswered() throws Exception {
        try (TestTopics topics = topics("uncompressed");
                KafkaProducer<byte[], byte[]> gzip = producer("gzip")) {
            start(topics);
            topics.publish("before", "a red circle");
            assertThatThrownBy(() -> gzip.send(inflating(topics, 64 << 20)).get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            topics.publish("after", "a red circle");
            topics.awaitAnswers(2, TIMEOUT);

            assertThat(topics.segments()).hasSize(2);
            assertThat(taskFailures()).isZero();
        }
    }

    @Test
    void aRecordAboveALimitOfATopicThatKeepsCompressionIsOneFailure() throws Exception {
        try (TestTopics topics = topics("producer");
                KafkaProducer<byte[], byte[]> gzip = producer("gzip")) {
            start(topics);
            topics.publish("before", "a red circle");
            gzip.send(inflating(topics, 64 << 20)).get();
            gzip.send(withHeaders(topics, 800_000)).get();
            topics.publish("after", "a red circle");
            topics.awaitAnswers(4, TIMEOUT);

            assertThat(topics.segments()).hasSize(2);
            assertThat(topics.failures())
                    .extracting(FailedPrompt::getMessage)
                    .anyMatch(message -> message.contains("the limit (max-record-bytes) is 16777216"))
                    .anyMatch(message -> message.contains("800000 headers, the limit (max-headers) is 1000"));
            assertThat(taskFailures()).isZero();
        }
    }

    private void publishAndCheckTheCorpus() throws Exception {
        List<WireCorpus.Entry> corpus = WireCorpus.read();
        try (TestTopics topics = topics("uncompressed")) {
            start(topics);
            Map<WireCorpus.Entry, RecordMetadata> published = publish(topics, corpus);
            topics.awaitAnswers(expectedAnswers(corpus), TIMEOUT);

            assertThat(new CorpusAudit(published, topics.segments(), topics.failures()).faults())
                    .isEmpty();
            assertThat(topics.failures()).allSatisfy(failure -> {
                assertThat(failure.getCode()).as(failure.getMessage()).isIn(SENDERS_CODES);
                assertThat(failure.getRetryable()).isFalse();
                assertThat(failure.getMessage()).doesNotContain("Exception", "java.");
            });
            assertThat(taskFailures()).isZero();
        }
    }

    private static int expectedAnswers(List<WireCorpus.Entry> corpus) {
        long duplicates = corpus.stream()
                .filter(entry -> entry.expected() == WireCorpus.Expected.DUPLICATE)
                .count();
        long keys = corpus.stream()
                .filter(entry -> entry.expected() == WireCorpus.Expected.DUPLICATE)
                .map(entry -> ByteBuffer.wrap(entry.key()))
                .distinct()
                .count();
        return (int) (corpus.size() - duplicates + keys);
    }

    private static Map<WireCorpus.Entry, RecordMetadata> publish(TestTopics topics, List<WireCorpus.Entry> corpus)
            throws Exception {
        Map<WireCorpus.Entry, Future<RecordMetadata>> sent = new HashMap<>();
        try (KafkaProducer<byte[], byte[]> plain = producer("none");
                KafkaProducer<byte[], byte[]> gzip = producer("gzip")) {
            for (WireCorpus.Entry entry : corpus) {
                List<Header> headers = entry.headers().stream()
                        .<Header>map(header -> new RecordHeader(header.name(), header.value()))
                        .toList();
                sent.put(
                        entry,
                        (entry.compression().equals("gzip") ? gzip : plain)
                                .send(new ProducerRecord<>(topics.prompts, null, entry.key(), entry.value(), headers)));
            }
        }
        Map<WireCorpus.Entry, RecordMetadata> published = new HashMap<>();
        for (Map.Entry<WireCorpus.Entry, Future<RecordMetadata>> each : sent.entrySet()) {
            published.put(each.getKey(), each.getValue().get());
        }
        return published;
    }

    /** Returns a good prompt whose first frame is zeros, which compress to a thousandth. */
    private static ProducerRecord<byte[], byte[]> inflating(TestTopics topics, int bytes) {
        byte[] event = PromptCodec.encode(new RequestBuilder("inflating", "a red circle")
                .firstFrame(ByteBuffer.allocate(bytes))
                .build());
        return new ProducerRecord<>(topics.prompts, null, TestTopics.key("inflating"), event);
    }

    private static ProducerRecord<byte[], byte[]> withHeaders(TestTopics topics, int count) {
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            headers.add(new RecordHeader("traceparent", new byte[0]));
        }
        byte[] event = TestTopics.event("headers", "a red circle", Optional.empty());
        return new ProducerRecord<>(topics.prompts, null, TestTopics.key("headers"), event, headers);
    }

    private static KafkaProducer<byte[], byte[]> producer(String compression) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        servers.bootstrapServers(),
                        // As in TestTopics: the first batch may meet a partition without a leader.
                        "max.in.flight.requests.per.connection",
                        1,
                        "max.request.size",
                        128 << 20,
                        "buffer.memory",
                        256L << 20,
                        "compression.type",
                        compression),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Returns topics with the sizes of the shipped file. */
    private static TestTopics topics(String compression) throws Exception {
        return new TestTopics(
                servers.bootstrapServers(), Map.of("max.message.bytes", "9437184", "compression.type", compression));
    }

    private void start(TestTopics topics) throws InterruptedException {
        StreamExecutionEnvironment env = servers.flink().environment();
        JobConfig config = JobConfig.read(
                List.of(new Setting("bundle", ReadingEngines.BUNDLE.toString(), "the test")),
                Optional.empty(),
                topics.options("--checkpoint-interval", "200 ms", "--max-payload-bytes", "9 MiB"));
        ModelLimits limits = ServedBundles.of(config, 0).engines().get(0).limits();
        VideoPipeline.assemble(env, config, EngineSet.of(new ReadingEngines(topics.prompts, limits)));
        job = servers.flink().run(env, topics.prompts);
    }

    private int taskFailures() throws Exception {
        return new FlinkRest(servers.flink().webUi() + "/jobs/"
                        + Objects.requireNonNull(job).id())
                .failures();
    }
}
