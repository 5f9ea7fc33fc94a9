package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptValidatorTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final PromptValidator validator =
            new PromptValidator(new ModelLimits("toybox-64", Set.of(1, 2), 64, 64, 17, false));

    @Test
    void plainRequestBecomesAPrompt() {
        Prompt prompt = validator.validate(new Wish().request(), NOW);

        assertThat(prompt.requestId()).isEqualTo(new RequestId("r-1"));
        assertThat(prompt.text()).isEqualTo("a red circle moves left");
        assertThat(prompt.seed()).isEqualTo(Seed.derive(new RequestId("r-1")));
        assertThat(prompt.steps()).isEqualTo(1);
        assertThat(prompt.labels()).containsEntry("tenant", "t1");
    }

    @Test
    void everythingThatTheModelOffersMayBeSpelledOut() {
        Wish wish = new Wish();
        wish.seed = Optional.of(-7L);
        wish.model = Optional.of("toybox-64");
        wish.steps = 2;
        wish.width = Optional.of(64);
        wish.height = Optional.of(64);
        wish.frames = Optional.of(17);
        wish.deadline = Optional.of(NOW.plusMillis(1));

        Prompt prompt = validator.validate(wish.request(), NOW);

        assertThat(prompt.seed()).isEqualTo(-7);
        assertThat(prompt.steps()).isEqualTo(2);
        assertThat(prompt.deadline()).contains(NOW.plusMillis(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "line\nbreak"})
    void idThatIsNoneIsInvalid(String id) {
        Wish wish = new Wish();
        wish.requestId = id;
        assertRefused(wish, FailureCode.INVALID_EVENT, "request_id", "UUID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\t\n\u2003"})
    void blankTextIsInvalid(String text) {
        Wish wish = new Wish();
        wish.text = text;
        assertRefused(wish, FailureCode.INVALID_EVENT, "prompt", text.length() + " blank", "say what");
    }

    @Test
    void anotherModelIsUnknown() {
        Wish wish = new Wish();
        wish.model = Optional.of("toybox-128");
        assertRefused(wish, FailureCode.UNKNOWN_MODEL, "toybox-64", "toybox-128", "leave the field out");
    }

    @Test
    void eachSideOfTheShapeMustBeTheModels() {
        Wish wide = new Wish();
        wide.width = Optional.of(1280);
        assertRefused(wide, FailureCode.UNSUPPORTED_SHAPE, "64x64 with 17 frames", "1280x64 with 17 frames");
        Wish high = new Wish();
        high.height = Optional.of(-1);
        assertRefused(high, FailureCode.UNSUPPORTED_SHAPE, "64x-1 with 17 frames");
        Wish longer = new Wish();
        longer.frames = Optional.of(33);
        assertRefused(longer, FailureCode.UNSUPPORTED_SHAPE, "64x64 with 33 frames", "leave width");
    }

    @Test
    void firstFrameIsRefusedByATextModel() {
        Wish wish = new Wish();
        wish.firstFrame = Optional.of(ByteBuffer.allocate(12));
        assertRefused(wish, FailureCode.IMAGE_REJECTED, "first_frame", "12 bytes", "leave the field out");
    }

    @Test
    void firstFrameIsHandedThroughToAModelThatTakesOne() {
        PromptValidator withImages = new PromptValidator(new ModelLimits("toybox-64", Set.of(1, 2), 64, 64, 17, true));
        Wish wish = new Wish();
        wish.firstFrame = Optional.of(ByteBuffer.wrap(new byte[] {1, 2, 3}));

        assertThat(withImages.validate(wish.request(), NOW).firstFrame()).isEqualTo(wish.firstFrame);
        assertThat(withImages.validate(new Wish().request(), NOW).firstFrame()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, Integer.MAX_VALUE})
    void stepsThatTheModelDoesNotOfferAreInvalid(int steps) {
        Wish wish = new Wish();
        wish.steps = steps;
        assertRefused(wish, FailureCode.INVALID_EVENT, "[1, 2]", String.valueOf(steps));
    }

    @Test
    void deadlineIsExceededFromItsVeryInstant() {
        Wish wish = new Wish();
        wish.deadline = Optional.of(NOW);
        assertRefused(wish, FailureCode.DEADLINE_EXCEEDED, NOW.toString(), "give a later one");
    }

    @Test
    void theFirstFaultInTheFixedOrderIsReported() {
        Wish wish = new Wish();
        wish.requestId = "";
        wish.text = " ";
        wish.model = Optional.of("other");
        wish.width = Optional.of(1);
        wish.firstFrame = Optional.of(ByteBuffer.allocate(1));
        wish.steps = 9;
        wish.deadline = Optional.of(Instant.EPOCH);

        assertRefused(wish, FailureCode.INVALID_EVENT, "request_id");
        wish.requestId = "r-1";
        assertRefused(wish, FailureCode.INVALID_EVENT, "prompt");
        wish.text = "a star";
        assertRefused(wish, FailureCode.UNKNOWN_MODEL, "other");
        wish.model = Optional.empty();
        assertRefused(wish, FailureCode.UNSUPPORTED_SHAPE, "1x64");
        wish.width = Optional.empty();
        assertRefused(wish, FailureCode.IMAGE_REJECTED, "first_frame");
        wish.firstFrame = Optional.empty();
        assertRefused(wish, FailureCode.INVALID_EVENT, "steps");
        wish.steps = 1;
        assertRefused(wish, FailureCode.DEADLINE_EXCEEDED, "deadline");
        wish.deadline = Optional.empty();
        assertThat(validator.validate(wish.request(), NOW).text()).isEqualTo("a star");
    }

    private void assertRefused(Wish wish, FailureCode code, String... parts) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> validator.validate(wish.request(), NOW))
                .satisfies(fault -> {
                    assertThat(fault.code()).isEqualTo(code);
                    assertThat(fault.stage()).isEqualTo("admit");
                    assertThat(fault).message().contains(parts);
                });
    }

    /** A good request, to be spoiled field by field. */
    private static final class Wish {
        String requestId = "r-1";
        String text = "a red circle moves left";
        Optional<Long> seed = Optional.empty();
        Optional<String> model = Optional.empty();
        int steps = 1;
        Optional<Integer> width = Optional.empty();
        Optional<Integer> height = Optional.empty();
        Optional<Integer> frames = Optional.empty();
        Optional<ByteBuffer> firstFrame = Optional.empty();
        Optional<Instant> deadline = Optional.empty();

        PromptRequest request() {
            return new PromptRequest(
                    requestId,
                    text,
                    seed,
                    model,
                    steps,
                    width,
                    height,
                    frames,
                    firstFrame,
                    deadline,
                    Map.of("tenant", "t1"),
                    NOW.minusSeconds(1));
        }
    }
}
