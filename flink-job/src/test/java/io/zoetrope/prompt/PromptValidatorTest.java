package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptValidatorTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final PromptValidator SEVERAL = new PromptValidator(
            new ModelLimits(
                    "several",
                    List.of(3, 4),
                    List.of(new ModelLimits.Size(832, 480), new ModelLimits.Size(480, 832)),
                    List.of(81, 33),
                    ModelLimits.FirstFrameUse.REFUSED),
            8192);
    private final PromptValidator validator = new PromptValidator(TestLimits.of("toybox-64", TestLimits.SHAPE), 8192);

    @Test
    void textIsReadUpToItsNumberOfCharacters() {
        PromptValidator short4 = new PromptValidator(TestLimits.of("toybox-64", TestLimits.SHAPE), 4);

        for (String text : new String[] {"abcd", "\uD83C\uDFA5".repeat(4)}) {
            assertThat(short4.validate(new RequestBuilder("r-1", text).build(), NOW)
                            .text())
                    .isEqualTo(text);
            assertThatExceptionOfType(RequestException.class)
                    .isThrownBy(() -> short4.validate(new RequestBuilder("r-1", text + "e").build(), NOW))
                    .withMessage("prompt: this job reads at most 4 characters (max-prompt-characters), this one has 5;"
                            + " shorten it")
                    .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.PROMPT_TOO_LONG));
        }
    }

    @Test
    void plainRequestBecomesAPrompt() {
        Prompt prompt = validator.validate(valid().build(), NOW);

        assertThat(prompt.requestId()).isEqualTo(new RequestId("r-1"));
        assertThat(prompt.text()).isEqualTo("a red circle moves left");
        assertThat(prompt.seed()).isEqualTo(Seed.derive(new RequestId("r-1")));
        assertThat(prompt.steps()).isEqualTo(1);
        assertThat(prompt.labels()).containsEntry("tenant", "t1");
    }

    @Test
    void everyFieldCanBeSetToTheModelsValues() {
        PromptRequest request = valid().seed(-7)
                .model("toybox-64")
                .steps(2)
                .width(64)
                .height(64)
                .frames(17)
                .deadline(NOW.plusMillis(1))
                .build();

        Prompt prompt = validator.validate(request, NOW);

        assertThat(prompt.seed()).isEqualTo(-7);
        assertThat(prompt.steps()).isEqualTo(2);
        assertThat(prompt.deadline()).contains(NOW.plusMillis(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "line\nbreak"})
    void malformedIdIsInvalid(String id) {
        assertRefused(valid().requestId(id), FailureCode.INVALID_EVENT, "request_id", "UUID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\t\n\u2003"})
    void blankTextIsInvalid(String text) {
        assertRefused(
                valid().text(text), FailureCode.INVALID_EVENT, "prompt", text.length() + " blank", "describe what");
    }

    @Test
    void widthHeightAndFramesMustBeTheModels() {
        assertRefused(
                valid().width(1280), FailureCode.UNSUPPORTED_SHAPE, "64x64 with 17 frames", "1280xany with 17 frames");
        assertRefused(valid().height(-1), FailureCode.UNSUPPORTED_SHAPE, "anyx-1 with 17 frames");
        assertRefused(valid().frames(33), FailureCode.UNSUPPORTED_SHAPE, "anyxany with 33 frames", "omit width");
    }

    @Test
    void everyListedSizeAndLengthIsAccepted() {
        assertThat(shape(valid())).isEqualTo(new VideoShape(832, 480, 81));
        assertThat(shape(valid().width(480))).isEqualTo(new VideoShape(480, 832, 81));
        assertThat(shape(valid().height(832).frames(33))).isEqualTo(new VideoShape(480, 832, 33));
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> shape(valid().width(480).height(480)))
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.UNSUPPORTED_SHAPE))
                .withMessageContaining("makes 832x480 or 480x832 with 81 or 33 frames, the event requests 480x480");
    }

    private static VideoShape shape(RequestBuilder request) {
        return SEVERAL.validate(request.model("several").steps(3).build(), NOW).shape();
    }

    @Test
    void zeroStepsAreTheModelsDefault() {
        assertThat(SEVERAL.validate(valid().model("several").steps(0).build(), NOW)
                        .steps())
                .isEqualTo(3);
        assertThat(validator.validate(valid().steps(0).build(), NOW).steps()).isEqualTo(1);
    }

    @Test
    void aModelMayRequireAFirstFrame() {
        PromptValidator required = new PromptValidator(
                TestLimits.of("toybox-64", TestLimits.SHAPE, ModelLimits.FirstFrameUse.REQUIRED), 8192);
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> required.validate(valid().build(), NOW))
                .withMessageContaining("makes videos from an image, the event contains none");
    }

    @Test
    void firstFrameIsRefusedByATextModel() {
        assertRefused(
                valid().firstFrame(ByteBuffer.allocate(12)),
                FailureCode.IMAGE_REJECTED,
                "first_frame",
                "12 bytes",
                "omit the field");
    }

    @Test
    void firstFrameIsPassedToAModelThatAcceptsOne() {
        PromptValidator withImages = new PromptValidator(
                TestLimits.of("toybox-64", TestLimits.SHAPE, ModelLimits.FirstFrameUse.OPTIONAL), 8192);
        ByteBuffer image = ByteBuffer.wrap(new byte[] {1, 2, 3});

        assertThat(withImages.validate(valid().firstFrame(image).build(), NOW).firstFrame())
                .contains(image);
        assertThat(withImages.validate(valid().build(), NOW).firstFrame()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, Integer.MAX_VALUE})
    void stepsThatTheModelDoesNotSupportAreInvalid(int steps) {
        assertRefused(valid().steps(steps), FailureCode.INVALID_EVENT, "[1, 2]", String.valueOf(steps));
    }

    @Test
    void deadlineIsExceededAtItsInstant() {
        assertRefused(valid().deadline(NOW), FailureCode.DEADLINE_EXCEEDED, NOW.toString(), "give a later deadline");
    }

    @Test
    void theFirstFaultInTheFixedOrderIsReported() {
        RequestBuilder request = valid();
        request.requestId("");
        request.text(" ");
        request.width(1);
        request.firstFrame(ByteBuffer.allocate(1));
        request.steps(9);
        request.deadline(Instant.EPOCH);

        assertRefused(request, FailureCode.INVALID_EVENT, "request_id");
        request.requestId("r-1");
        assertRefused(request, FailureCode.INVALID_EVENT, "prompt");
        request.text("a star");
        assertRefused(request, FailureCode.UNSUPPORTED_SHAPE, "1xany");
        request.withoutWidth();
        assertRefused(request, FailureCode.IMAGE_REJECTED, "first_frame");
        request.withoutFirstFrame();
        assertRefused(request, FailureCode.INVALID_EVENT, "steps");
        request.steps(1);
        assertRefused(request, FailureCode.DEADLINE_EXCEEDED, "deadline");
        request.withoutDeadline();
        assertThat(validator.validate(request.build(), NOW).text()).isEqualTo("a star");
    }

    private void assertRefused(RequestBuilder request, FailureCode code, String... parts) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> validator.validate(request.build(), NOW))
                .satisfies(fault -> {
                    assertThat(fault.code()).isEqualTo(code);
                    assertThat(fault.stage()).isEqualTo("admit");
                    assertThat(fault).message().contains(parts);
                });
    }

    private static RequestBuilder valid() {
        return new RequestBuilder("r-1", "a red circle moves left")
                .label("tenant", "t1")
                .createdAt(NOW.minusSeconds(1));
    }
}
