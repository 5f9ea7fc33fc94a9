package io.zoetrope.chaos.ledger;

import io.zoetrope.cli.AnswerLedger;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the committed records of all topics from their beginning, and compares them with the ledger. It keeps what it
 * has read, so that answers count whose topic is deleted later.
 */
public final class Auditor {
    private static final Duration POLL = Duration.ofMillis(200);

    private final AnswerTopics topics;
    private final String prompts;
    private final Ledger ledger;
    private final AnswerLedger answers = new AnswerLedger();
    /** The digest of the video for each model and clip. */
    private final Map<String, String> digests = new HashMap<>();

    private final Map<String, byte[]> payloads = new HashMap<>();
    private final List<String> unasked = new ArrayList<>();
    private final List<String> differing = new ArrayList<>();
    private int videos;
    private int failures;

    /** Creates an auditor that has read nothing yet. */
    public Auditor(AnswerTopics topics, String prompts, Ledger ledger) {
        this.topics = topics;
        this.prompts = prompts;
        this.ledger = ledger;
    }

    /**
     * Reads all videos from the beginning of their topic to its present end, and remembers them. For a topic that is
     * about to be deleted: nothing may be read twice.
     */
    public void readVideos() throws MalformedRecordException {
        try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
            readAll(
                    consumer,
                    AnswerTopics.partitions(consumer, topics.videos()),
                    record -> video(RecordCodec.VIDEO_SEGMENT.decode(record.value())));
        }
    }

    /** Reads the answers that are left and the prompts, and compares them. */
    public Audit audit() throws MalformedRecordException {
        readVideos();
        ledger.acknowledged().forEach(answers::request);
        try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
            readAll(
                    consumer,
                    AnswerTopics.partitions(consumer, topics.failures()),
                    record -> failure(RecordCodec.FAILED_PROMPT.decode(record.value())));
            // A request that Kafka has stored without an acknowledgement has to be answered too.
            readAll(
                    consumer,
                    AnswerTopics.partitions(consumer, prompts),
                    record -> answers.request(
                            new String(record.key(), StandardCharsets.UTF_8),
                            record.topic() + "-" + record.partition() + "@" + record.offset()));
        }
        return new Audit(
                answers.requests(),
                videos,
                failures,
                answers.unanswered().stream()
                        .map(request -> request.getKey() + " at " + request.getValue())
                        .toList(),
                answers.doubled(),
                unasked,
                differing,
                payloads.size(),
                payloads.entrySet().stream()
                        .filter(payload -> !Mp4.isPlayable(payload.getValue()))
                        .map(Map.Entry::getKey)
                        .toList());
    }

    private void video(VideoSegment segment) {
        videos++;
        answers.segment(segment);
        String id = segment.getRequestId();
        byte[] payload = bytes(segment.getPayload());
        String digest = DigestUtils.sha256Hex(payload);
        payloads.putIfAbsent(digest, payload);
        ledger.request(id)
                .ifPresentOrElse(
                        request -> {
                            String clip = segment.getModelDigest() + " " + request.clip();
                            String first = digests.computeIfAbsent(clip, unknown -> digest);
                            if (!first.equals(digest) || !digest.equals(segment.getPayloadSha256())) {
                                differing.add(id);
                            }
                        },
                        () -> unasked.add(id));
    }

    private void failure(FailedPrompt failure) {
        failures++;
        answers.failure(failure);
        String id = String.valueOf(failure.getRequestId());
        if (ledger.request(id).isEmpty()) {
            unasked.add(id);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private interface Visitor {
        void visit(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException;
    }

    private static void readAll(
            KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Visitor visitor)
            throws MalformedRecordException {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream()
                .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                visitor.visit(record);
            }
        }
    }
}
