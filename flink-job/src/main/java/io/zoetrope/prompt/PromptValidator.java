package io.zoetrope.prompt;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Validates requests against the limits of the served model.
 *
 * <p>The validator reports the first fault in a fixed order: id, text, model, shape, first frame, steps, deadline. The
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
     *     UNKNOWN_MODEL, UNSUPPORTED_SHAPE, IMAGE_REJECTED or DEADLINE_EXCEEDED
     */
    public Prompt validate(PromptRequest request, Instant now) {
        RequestId requestId = requestId(request);
        checkText(request.text());
        checkModel(request.model());
        checkShape(request);
        checkFirstFrame(request);
        checkSteps(request.steps());
        checkDeadline(request.deadline(), now);
        return new Prompt(
                requestId,
                request.text(),
                request.seed().orElseGet(() -> Seed.derive(requestId)),
                request.steps(),
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

    private void checkModel(Optional<String> model) {
        if (model.isPresent() && !model.get().equals(limits.model())) {
            throw fault(
                    FailureCode.UNKNOWN_MODEL,
                    "model: this job serves " + limits.model() + ", the event names " + model.get()
                            + "; omit the field or publish to the job that serves that model");
        }
    }

    private void checkShape(PromptRequest request) {
        int width = request.width().orElse(limits.width());
        int height = request.height().orElse(limits.height());
        int frames = request.frames().orElse(limits.frames());
        if (width != limits.width() || height != limits.height() || frames != limits.frames()) {
            throw fault(
                    FailureCode.UNSUPPORTED_SHAPE,
                    "shape: " + limits.model() + " makes " + shape(limits.width(), limits.height(), limits.frames())
                            + ", the event requests " + shape(width, height, frames)
                            + "; omit width, height and frames or give the model's values");
        }
    }

    private void checkFirstFrame(PromptRequest request) {
        if (request.firstFrame().isPresent() && !limits.firstFrame()) {
            throw fault(
                    FailureCode.IMAGE_REJECTED,
                    "first_frame: " + limits.model() + " accepts text only, the event contains an image of "
                            + request.firstFrame().get().remaining() + " bytes; omit the field");
        }
    }

    private void checkSteps(int steps) {
        if (!limits.steps().contains(steps)) {
            throw fault(
                    FailureCode.INVALID_EVENT,
                    "steps: " + limits.model() + " supports " + new TreeSet<>(limits.steps()) + ", the event requests "
                            + steps + "; give a supported number");
        }
    }

    private static void checkDeadline(Optional<Instant> deadline, Instant now) {
        if (deadline.isPresent() && !deadline.get().isAfter(now)) {
            throw fault(
                    FailureCode.DEADLINE_EXCEEDED,
                    "deadline: it was " + deadline.get() + ", the event was read at " + now
                            + "; give a later deadline or none");
        }
    }

    private static String shape(int width, int height, int frames) {
        return width + "x" + height + " with " + frames + " frames";
    }

    private static RequestException fault(FailureCode code, String message) {
        return new RequestException(code, STAGE, message);
    }
}
