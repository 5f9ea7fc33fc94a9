package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.publish.Video;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.MalformedRecordException;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Tests which payloads leave their records, and that no record is made before its payload can be read. */
class VideoRecordsTest {
    private static final int INLINE = 2000;
    private static final int MAX_RECORD = 4000;

    private final FakePayloadStore store = new FakePayloadStore();

    @Test
    void aPayloadAtTheLimitStaysInItsRecordAndOneAboveItLeavesIt() throws Exception {
        VideoSegment at = only(records(store, INLINE).of(event(), FakeEngine.video("request-1", 1, INLINE)));
        assertThat(store.waiting()).isZero();
        assertThat(at.getPayload().remaining()).isEqualTo(INLINE);
        assertThat(at.getPayloadUri()).isNull();

        var above = records(store, INLINE).of(event(), FakeEngine.video("request-1", 1, INLINE + 1));
        store.endNext();
        VideoSegment claim = only(above);

        assertThat(claim.getPayload()).isNull();
        assertThat(claim.getPayloadUri()).isEqualTo("s3://clips/" + claim.getPayloadSha256() + ".mp4");
        assertThat(claim.getPayloadSize()).isEqualTo(INLINE + 1);
        assertThat(store.objects).containsOnlyKeys(claim.getPayloadUri());
    }

    @Test
    void everyPayloadCanLeaveItsRecord() throws Exception {
        var records = records(store, 0).of(event(), FakeEngine.video("request-1", 1, 100));
        store.endNext();

        assertThat(only(records).getPayload()).isNull();
    }

    @Test
    void aPayloadBelowTheLimitLeavesARecordThatWouldBeTooLarge() throws Exception {
        var records = records(store, MAX_RECORD).of(event(), FakeEngine.video("request-1", 1, MAX_RECORD - 100));
        store.endNext();

        assertThat(only(records).getPayload()).isNull();
    }

    @Test
    void withoutAStoreALargePayloadFailsItsRequest() {
        VideoRecords records = new VideoRecords(writer(MAX_RECORD), INLINE, Optional.empty());

        assertThatThrownBy(() -> records.of(event(), FakeEngine.video("request-1", 1, MAX_RECORD)))
                .isInstanceOfSatisfying(RequestException.class, fault -> {
                    assertThat(fault.code()).isEqualTo(FailureCode.PAYLOAD_TOO_LARGE);
                    assertThat(fault).hasMessageContaining("set payload-folder");
                });
    }

    @Test
    void aRecordThatIsTooLargeWithoutItsPayloadFailsAndNothingIsStored() {
        VideoRecords records = new VideoRecords(writer(300), INLINE, Optional.of(store));

        assertThatThrownBy(() -> records.of(event(), FakeEngine.video("request-1", 2, MAX_RECORD)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("the limit of a record is 300");

        assertThat(store.waiting()).isZero();
    }

    @Test
    void theRecordsOfAVideoWaitForAllOfItsPayloads() throws Exception {
        assertThat(earlyRecords(store)).isEmpty();
    }

    @Test
    void aRecordThatIsMadeBeforeItsPayloadIsFound() throws Exception {
        assertThat(earlyRecords(new FakePayloadStore.Early())).hasSize(2);
    }

    @Test
    void aReplayWritesTheSameObject() throws Exception {
        Video video = FakeEngine.video("request-1", 1, INLINE + 1);
        var first = records(store, INLINE).of(event(), video);
        store.endNext();
        var replay = records(store, INLINE).of(event(), FakeEngine.video("request-1", 1, INLINE + 1));
        store.endNext();

        assertThat(only(replay).getPayloadUri()).isEqualTo(only(first).getPayloadUri());
        assertThat(store.objects).hasSize(1);
    }

    /** Returns the URIs of records that were made while their payloads could not be read, at any of the writes. */
    private static List<String> earlyRecords(FakePayloadStore store) throws Exception {
        List<String> early = new ArrayList<>();
        Video video = FakeEngine.video("request-1", 2, INLINE + 1);
        var records = records(store, INLINE).of(event(), video).thenAccept(made -> {
            for (VideoSegment segment : segments(made)) {
                if (!store.objects.containsKey(segment.getPayloadUri())) {
                    early.add(segment.getPayloadUri());
                }
            }
        });
        while (store.waiting() > 0) {
            store.endNext();
        }
        assertThat(records.toCompletableFuture()).succeedsWithin(Duration.ZERO);
        return early;
    }

    private static VideoRecords records(FakePayloadStore store, long inlineBytes) {
        return new VideoRecords(writer(MAX_RECORD), inlineBytes, Optional.of(store));
    }

    private static AnswerWriter writer(long maxBytes) {
        return new AnswerWriter(AnswerFormat.upTo(maxBytes), InstantSource.system());
    }

    private static KafkaEvent event() {
        return Events.prompt("request-1");
    }

    private static VideoSegment only(CompletionStage<VideoRecords.Made> made) {
        List<VideoSegment> segments =
                segments(made.toCompletableFuture().getNow(new VideoRecords.Made(List.of(), List.of())));
        assertThat(segments).hasSize(1);
        return segments.get(0);
    }

    private static List<VideoSegment> segments(VideoRecords.Made made) {
        return made.records().stream()
                .map(answer -> {
                    try {
                        return RecordCodec.VIDEO_SEGMENT.decode(answer.value());
                    } catch (MalformedRecordException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }
}
