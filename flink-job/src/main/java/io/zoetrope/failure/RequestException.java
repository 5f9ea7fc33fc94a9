package io.zoetrope.failure;

import java.util.Objects;

/**
 * A fault of one request: it costs that request its video and no other anything.
 *
 * <p>The message states the fact, the values and the remedy, for it is published as it is.
 */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String stage;

    /**
     * A fault that was found, not thrown underneath.
     *
     * @param code what kind of fault it is
     * @param stage where it happened, in the words of the flow: admit, text, image, generate, decode, encode, publish
     * @param message the fact, the values, the remedy
     */
    public RequestException(FailureCode code, String stage, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.code = Objects.requireNonNull(code, "code");
        this.stage = Objects.requireNonNull(stage, "stage");
    }

    /** As {@link #RequestException(FailureCode, String, String)}, with what was thrown underneath. */
    public RequestException(FailureCode code, String stage, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.code = Objects.requireNonNull(code, "code");
        this.stage = Objects.requireNonNull(stage, "stage");
    }

    public FailureCode code() {
        return code;
    }

    public String stage() {
        return stage;
    }
}
