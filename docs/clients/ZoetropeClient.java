import static java.nio.charset.StandardCharsets.UTF_8;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.PromptEvent;
import io.zoetrope.schema.TrustedRecords;
import io.zoetrope.schema.VideoSegment;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A Zoetrope client for Java that needs only kafka-clients and the module {@code io.zoetrope:schemas}: publishes a
 * prompt, waits for its answer, and writes the MP4. From the folder of the repository, with a broker at localhost:9092:
 *
 * <pre>
 * java -cp 'flink-job/target/lib/*' docs/clients/ZoetropeClient.java localhost:9092 \
 *     my-id "a red circle moving right on a black background" clip.mp4
 * </pre>
 *
 * A payload that is not in its record is read from the folder that the job's option {@code payload-folder} names, and
 * from nowhere else: give it as the last argument, such as {@code file:///srv/videos}.
 */
final class ZoetropeClient {
    private static final Duration POLL = Duration.ofMillis(100);

    private ZoetropeClient() {}

    public static void main(String[] arguments) throws Exception {
        String bootstrapServers = arguments[0];
        String requestId = arguments[1];
        TrustedRecords.register(); // lets Avro create objects of these classes, and read earlier versions of them
        publish(bootstrapServers, requestId, arguments[2]);
        try (var answers = answers(bootstrapServers)) {
            String folder = arguments.length > 4 ? arguments[4] : "none";
            Path file = Files.write(Path.of(arguments[3]), video(answers, requestId, folder));
            System.out.println(file + ": " + Files.size(file) + " bytes");
        }
    }

    private static void publish(String bootstrapServers, String requestId, String prompt) throws Exception {
        PromptEvent event = PromptEvent.newBuilder()
                .setRequestId(requestId)
                .setPrompt(prompt)
                .setCreatedAt(Instant.now())
                .build();
        byte[] value = toBytes(PromptEvent.getEncoder().encode(event));
        try (var producer = new KafkaProducer<>(
                // A prompt with a first frame may be as large as its topic allows; a producer's own limit is 1 MiB.
                Map.of("bootstrap.servers", bootstrapServers, "max.request.size", 8 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("zoetrope.prompts", requestId.getBytes(UTF_8), value))
                    .get();
        }
    }

    /** Reads both answer topics from their beginning; a service would subscribe with its own group.id. */
    private static KafkaConsumer<byte[], byte[]> answers(String bootstrapServers) {
        var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = Stream.of("zoetrope.videos", "zoetrope.failures")
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** Waits for the answer to a request: the first segment whole, then the others without their init segments. */
    private static byte[] video(KafkaConsumer<byte[], byte[]> answers, String requestId, String folder)
            throws Exception {
        var video = new ByteArrayOutputStream();
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : answers.poll(POLL)) {
                if (record.key() == null || !new String(record.key(), UTF_8).equals(requestId)) {
                    continue;
                }
                if (record.topic().equals("zoetrope.failures")) {
                    FailedPrompt failed = FailedPrompt.getDecoder().decode(record.value());
                    throw new IllegalStateException(failed.getCode() + ": " + failed.getMessage());
                }
                VideoSegment segment = VideoSegment.getDecoder().decode(record.value());
                byte[] payload =
                        segment.getPayload() == null ? stored(segment, folder) : toBytes(segment.getPayload());
                requireDigest(payload, segment.getPayloadSha256());
                int start = segment.getIndex() == 0 ? 0 : segment.getInitLength();
                video.write(payload, start, payload.length - start);
                if (segment.getLast()) {
                    return video.toByteArray();
                }
            }
        }
    }

    /** Reads the payload of a claim check: only what is in the folder under the name of its digest. */
    private static byte[] stored(VideoSegment segment, String folder) throws Exception {
        String name = segment.getPayloadSha256();
        String expected = folder + (folder.endsWith("/") ? "" : "/") + name + ".mp4";
        if (!name.matches("[0-9a-f]{64}") || !segment.getPayloadUri().equals(expected)) {
            throw new IllegalStateException("the payload is at " + segment.getPayloadUri() + ", which is not in the folder "
                    + folder + "; give the job's payload-folder");
        }
        return Files.readAllBytes(Path.of(URI.create(expected))); // for s3:// use the store's client
    }

    private static void requireDigest(byte[] payload, String expected) throws Exception {
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(payload));
        if (!digest.equals(expected)) {
            throw new IllegalStateException("the payload's SHA-256 is " + digest + ", the record has " + expected);
        }
    }

    private static byte[] toBytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
