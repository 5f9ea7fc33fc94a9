package io.zoetrope.flink;

import io.zoetrope.encode.Segment;
import io.zoetrope.failure.RequestException;
import io.zoetrope.publish.StoredPayload;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Makes the records of videos, in one slot. A payload that its record does not hold is written first, so there is never
 * a record whose payload does not exist.
 */
final class VideoRecords implements AutoCloseable {
    private final AnswerWriter writer;
    private final long inlineBytes;
    private final Optional<PayloadStore> store;

    /**
     * The records of a video.
     *
     * @param records one record for each segment, in order
     * @param writes the time of writing each payload that is not in its record
     */
    record Made(List<KafkaAnswer> records, List<Duration> writes) {}

    /**
     * Creates the records of one slot.
     *
     * @param inlineBytes the largest payload that stays in its record, if there is a store
     */
    VideoRecords(AnswerWriter writer, long inlineBytes, Optional<PayloadStore> store) {
        this.writer = writer;
        this.inlineBytes = inlineBytes;
        this.store = store;
    }

    /**
     * Opens the folder of payloads, if there is one.
     *
     * @throws IllegalStateException if the folder cannot be written to now
     */
    static VideoRecords open(AnswerWriter writer, ClaimCheck claims) throws InterruptedException {
        PayloadFolder folder = claims.folder();
        return new VideoRecords(
                writer,
                claims.inlineBytes(),
                folder == null ? Optional.empty() : Optional.of(FolderStore.open(folder, claims.timeout())));
    }

    /**
     * Returns the records of an event's video, each with the event's trace headers. Completes when every payload is
     * written that is not in its record, with an IllegalStateException if one could not be written.
     *
     * @throws RequestException PAYLOAD_TOO_LARGE if a record is too large; nothing is written then
     */
    CompletionStage<Made> of(KafkaEvent event, Video video) {
        List<KafkaAnswer> records = new ArrayList<>();
        Map<StoredPayload, ByteBuffer> outside = new LinkedHashMap<>();
        for (Segment segment : video.segments()) {
            records.add(record(event, video, segment, outside));
        }
        List<CompletableFuture<Duration>> writes = outside.entrySet().stream()
                .map(payload -> store.orElseThrow().put(payload.getKey(), payload.getValue()))
                .toList();
        return CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                .thenApply(written -> new Made(
                        records, writes.stream().map(CompletableFuture::join).toList()));
    }

    /** Returns the record of a segment, and adds its payload to {@code outside} if the record does not hold it. */
    private KafkaAnswer record(KafkaEvent event, Video video, Segment segment, Map<StoredPayload, ByteBuffer> outside) {
        if (store.isEmpty() || segment.payload().remaining() <= inlineBytes) {
            KafkaAnswer whole = writer.segment(event, video, segment);
            if (writer.fits(whole)) {
                return whole;
            }
            if (store.isEmpty()) {
                throw writer.tooLarge(segment, whole);
            }
        }
        StoredPayload stored = store.orElseThrow().locate(segment.payload());
        KafkaAnswer claim = writer.segment(event, video, segment, stored);
        if (!writer.fits(claim)) {
            throw writer.tooLarge(segment, claim);
        }
        outside.put(stored, segment.payload());
        return claim;
    }

    /** Interrupts the writes that run. */
    @Override
    public void close() {
        store.ifPresent(PayloadStore::close);
    }
}
