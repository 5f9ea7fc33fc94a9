package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "order-17, order-17~1",
        "order-17~1, order-17~2",
        "order-17~9, order-17~10",
        "order-17~, order-17~~1",
        "order-17~01, order-17~01~1",
        "~1, ~1~1",
        "a~1~1, a~1~2",
        "a~99999999, a~99999999~1"
    })
    void theNewIdFollowsFromTheOldOne(String id, String next) {
        assertThat(Replay.nextId(id)).isEqualTo(next);
    }

    @Test
    void theRepeatedPromptDiffersInItsIdItsSeedAndOneLabel() {
        PromptRequest failed = new RequestBuilder("order-17", "a red circle")
                .label("shop", "a")
                .build();

        PromptRequest repeated = repeated(failed);

        assertThat(repeated.requestId()).isEqualTo("order-17~1");
        assertThat(repeated.seed()).contains(Seed.derive(new RequestId("order-17")));
        assertThat(repeated.labels()).isEqualTo(Map.of("shop", "a", "replay_of", "order-17"));
        assertThat(repeated)
                .usingRecursiveComparison()
                .ignoringFields("requestId", "seed", "labels")
                .isEqualTo(failed);
    }

    @Test
    void theSecondRepetitionKeepsTheSeedAndTheIdOfTheFirstPrompt() {
        PromptRequest first = repeated(new RequestBuilder("order-17", "a red circle").build());

        PromptRequest second = repeated(first);

        assertThat(second.requestId()).isEqualTo("order-17~2");
        assertThat(second.seed()).isEqualTo(first.seed());
        assertThat(second.labels()).isEqualTo(Map.of("replay_of", "order-17"));
    }

    @Test
    void aSeedThatWasGivenStays() {
        assertThat(repeated(new RequestBuilder("order-17", "a red circle")
                                .seed(7)
                                .build())
                        .seed())
                .contains(7L);
    }

    @Test
    void aFailureThatCannotBeRepeatedSaysWhy() {
        PromptRequest due =
                new RequestBuilder("order-17", "a red circle").deadline(NOW).build();

        assertThat(refusal(null)).isEqualTo("the failure does not contain the event");
        assertThat(refusal(new byte[] {1, 2})).startsWith("its event cannot be read (PromptEvent of 2 bytes");
        assertThat(refusal(PromptCodec.encode(due))).isEqualTo("its deadline 2026-01-31T08:00:00Z has passed");
        assertThat(refusal(PromptCodec.encode(new RequestBuilder("x".repeat(128), "a").build())))
                .contains("is not valid (request_id: expected 1 to 128 characters, got 130");
    }

    private static PromptRequest repeated(PromptRequest failed) {
        return Objects.requireNonNull(replay(PromptCodec.encode(failed)).request());
    }

    private static String refusal(byte @Nullable [] event) {
        return Objects.requireNonNull(replay(event).reason());
    }

    private static Replay replay(byte @Nullable [] event) {
        FailedPrompt failure = Segments.failed("order-17", "planted");
        failure.setValue(event == null ? null : ByteBuffer.wrap(event));
        return Replay.of(failure, new RecordReader(Optional.empty()), NOW);
    }
}
