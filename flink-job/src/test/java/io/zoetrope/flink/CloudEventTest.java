package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.publish.Video;
import io.zoetrope.wire.AnswerFraming;
import io.zoetrope.wire.PromptCodec;
import io.zoetrope.wire.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the headers that make an answer a CloudEvent. */
class CloudEventTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00.123456789Z");

    private final AnswerWriter writer =
            new AnswerWriter(new AnswerFormat(1 << 20, AnswerFraming.SINGLE_OBJECT, "/zoetrope/group"), () -> NOW);

    @Test
    void eachSegmentHasAnIdOfItsOwn() throws Exception {
        List<KafkaAnswer> answers = segments(writer, Events.prompt("request-1"), FakeEngine.video("request-1", 2, 100));

        assertThat(answers)
                .extracting(answer -> headers(answer).get("ce_id"))
                .containsExactly("request-1/0", "request-1/1");
        for (KafkaAnswer answer : answers) {
            assertThat(headers(answer))
                    .containsEntry("ce_specversion", "1.0")
                    .containsEntry("ce_source", "/zoetrope/group")
                    .containsEntry("ce_type", "io.zoetrope.video-segment.v1")
                    .containsEntry("ce_subject", "request-1")
                    .containsEntry(
                            "ce_time",
                            RecordCodec.VIDEO_SEGMENT
                                    .decode(answer.value())
                                    .getCreatedAt()
                                    .toString())
                    .containsEntry("content-type", "application/avro");
        }
    }

    @Test
    void aFailureIsNamedByItsRequestOrByItsPosition() throws Exception {
        KafkaEvent event = Events.prompt("request-1");
        Map<String, String> known = headers(failure(event, "request-1"));
        Map<String, String> unknown = headers(failure(Events.event(null, new byte[] {1}), null));

        assertThat(known)
                .containsEntry("ce_id", "request-1")
                .containsEntry("ce_subject", "request-1")
                .containsEntry("ce_type", "io.zoetrope.failed-prompt.v1")
                .containsEntry("ce_time", "2026-01-31T08:00:00.123Z");
        assertThat(unknown).containsEntry("ce_id", "zoetrope.prompts-3@42").doesNotContainKey("ce_subject");
    }

    /** A consumer drops a repeated event by source and id, so they must not depend on the run that made it. */
    @Test
    void anAnswerThatIsMadeAgainIsTheSameEvent() throws Exception {
        AnswerWriter later = new AnswerWriter(
                new AnswerFormat(1 << 20, AnswerFraming.SINGLE_OBJECT, "/zoetrope/group"), () -> NOW.plusSeconds(5));
        KafkaEvent event = Events.prompt("request-1");

        Map<String, String> first = headers(failure(event, "request-1"));
        Map<String, String> second = headers(later.failure(event, request(event), fault()));

        first.remove("ce_time");
        second.remove("ce_time");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void theSourceIsTheGroupAndAUriReference() {
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("bootstrap-servers", "none:1", "the test"),
                        new Setting("group-id", "a b/c?d", "the test")),
                Optional.empty(),
                List.of());

        assertThat(AnswerFormat.of(config, AnswerFraming.SINGLE_OBJECT).source())
                .isEqualTo("/zoetrope/a+b%2Fc%3Fd");
    }

    @Test
    void theAsyncApiDocumentListsEveryHeader() throws Exception {
        KafkaEvent event = Events.prompt("request-1");
        assertThat(documented("VideoSegment"))
                .containsAll(headers(segments(writer, event, FakeEngine.video("request-1", 1, 9))
                                .get(0))
                        .keySet());
        assertThat(documented("FailedPrompt"))
                .containsAll(headers(failure(event, "request-1")).keySet());
    }

    private static List<String> documented(String message) throws IOException {
        JsonNode properties = new ObjectMapper()
                .readTree(Path.of("../docs/asyncapi.json").toFile())
                .at("/components/messages/" + message + "/headers/properties");
        List<String> names = new ArrayList<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<KafkaAnswer> segments(AnswerWriter writer, KafkaEvent event, Video video) {
        return video.segments().stream()
                .map(segment -> writer.segment(event, video, segment))
                .toList();
    }

    private KafkaAnswer failure(KafkaEvent event, @org.jspecify.annotations.Nullable String requestId) {
        return writer.failure(event, requestId == null ? Optional.empty() : request(event), fault());
    }

    private static Optional<io.zoetrope.prompt.PromptRequest> request(KafkaEvent event) {
        return Optional.of(PromptCodec.decode(java.util.Objects.requireNonNull(event.value())));
    }

    private static RequestException fault() {
        return new RequestException(FailureCode.ENCODE_FAILED, "encode", "planted");
    }

    private static Map<String, String> headers(KafkaAnswer answer) {
        Map<String, String> headers = new LinkedHashMap<>();
        answer.headers()
                .forEach(header -> headers.put(header.name(), new String(header.value(), StandardCharsets.UTF_8)));
        return headers;
    }
}
