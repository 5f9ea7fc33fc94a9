package io.zoetrope.prompt;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Validates requests against the limits of the model that they choose.
 *
 * <p>The validator reports the first fault in a fixed order: id, text, shape, first frame, steps, deadline. The
 * deadline is checked last because only this check depends on the clock: an event that can never be answered gets the
 * same failure code on every replay.
 */
public final class PromptValidator {
    private static final String STAGE = "admit";

    private final ModelLimits limits;
    private final int maxCharacters;

    /**
     * Creates a validator.
     *
     * @param maxCharacters the largest number of characters (Unicode code points) of a prompt's text
     */
    public PromptValidator(ModelLimits limits, int maxCharacters) {
        this.limits = limits;
        this.maxCharacters = maxCharacters;
    }

    /**
     * Converts a request to a prompt.
     *
     * @param now the current time, with which the deadline is compared
     * @throws RequestException if the request is not valid, with the code INVALID_EVENT, PROMPT_TOO_LONG,
     *     UNSUPPORTED_SHAPE, IMAGE_REJECTED or DEADLINE_EXCEEDED
     */
    public Prompt validate(PromptRequest request, Instant now) {
        RequestId requestId = requestId(request);
        checkText(request.text());
        VideoShape shape = shape(request);
        checkFirstFrame(request);
        int steps = steps(request.steps());
        checkDeadline(request.deadline(), now);
        return new Prompt(
                requestId,
                request.text(),
                request.seed().orElseGet(() -> Seed.derive(requestId)),
                steps,
                shape,
                request.firstFrame(),
                request.deadline(),
                request.labels(),
                request.createdAt());
    }

    private static RequestId requestId(PromptRequest request) {
        try {
            return new RequestId(request.requestId());
        } catch (IllegalArgumentException e) {
            throw new RequestException(FailureCode.INVALID_EVENT, STAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /** Returns the failure of a prompt in which there is nothing to read. */
    public static RequestException blank(String text) {
        return fault(
                FailureCode.INVALID_EVENT,
                "prompt: expected text, got " + text.length() + " blank characters; describe what the video shows");
    }

    private void checkText(String text) {
        // No text has more characters than UTF-16 units, and counting costs time only where the limit is near.
        if (text.length() > maxCharacters && text.codePointCount(0, text.length()) > maxCharacters) {
            throw fault(
                    FailureCode.PROMPT_TOO_LONG,
                    "prompt: this job reads at most " + maxCharacters + " characters (max-prompt-characters), this one"
                            + " has " + text.codePointCount(0, text.length()) + "; shorten it");
        }
        if (text.isBlank()) {
            throw blank(text);
        }
    }

    /**
     * Returns the shape that the request describes. What it leaves out, the model's first size that fits the rest
     * determines.
     */
    private VideoShape shape(PromptRequest request) {
        Optional<ModelLimits.Size> size = limits.sizes().stream()
                .filter(candidate -> request.width().orElse(candidate.width()) == candidate.width()
                        && request.height().orElse(candidate.height()) == candidate.height())
                .findFirst();
        int frames = request.frames().orElse(limits.frames().get(0));
        if (size.isEmpty() || !limits.frames().contains(frames)) {
            throw fault(
                    FailureCode.UNSUPPORTED_SHAPE,
                    "shape: " + limits.model() + " makes " + either(limits.sizes()) + " with "
                            + either(limits.frames()) + " frames, the event requests "
                            + request.width().map(String::valueOf).orElse("any") + "x"
                            + request.height().map(String::valueOf).orElse("any") + " with " + frames
                            + " frames; omit width, height and frames or give values of the model");
        }
        return new VideoShape(size.get().width(), size.get().height(), frames);
    }

    private static String either(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(" or "));
    }

    private void checkFirstFrame(PromptRequest request) {
        if (request.firstFrame().isPresent() && limits.firstFrame() == ModelLimits.FirstFrameUse.REFUSED) {
            throw fault(
                    FailureCode.IMAGE_REJECTED,
                    "first_frame: " + limits.model() + " accepts text only, the event contains an image of "
                            + request.firstFrame().get().remaining() + " bytes; omit the field");
        }
        if (request.firstFrame().isEmpty() && limits.firstFrame() == ModelLimits.FirstFrameUse.REQUIRED) {
            throw fault(
                    FailureCode.INVALID_EVENT,
                    "first_frame: " + limits.model() + " makes videos from an image, the event contains none;"
                            + " give the image that the video starts from");
        }
    }

    private int steps(int requested) {
        int steps = requested == PromptRequest.DEFAULT_STEPS ? limits.steps().get(0) : requested;
        if (!limits.steps().contains(steps)) {
            throw fault(
                    FailureCode.INVALID_EVENT,
                    "steps: " + limits.model() + " supports " + new TreeSet<>(limits.steps()) + ", the event requests "
                            + steps + "; give a supported number, or 0 for the model's default");
        }
        return steps;
    }

    private static void checkDeadline(Optional<Instant> deadline, Instant now) {
        if (deadline.isPresent() && !deadline.get().isAfter(now)) {
            throw fault(
                    FailureCode.DEADLINE_EXCEEDED,
                    "deadline: it was " + deadline.get() + ", the event was read at " + now
                            + "; give a later deadline or none");
        }
    }

    private static RequestException fault(FailureCode code, String message) {
        return new RequestException(code, STAGE, message);
    }
}
