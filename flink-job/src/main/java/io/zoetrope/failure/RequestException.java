package io.zoetrope.failure;

import java.util.Objects;

/**
 * The failure of one request, which does not affect any other request.
 *
 * <p>The message is published unchanged, so it states the fact, the values and the remedy.
 */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String stage;

    /**
     * Creates an exception without a cause.
     *
     * @param code the published code
     * @param stage the stage that failed: admit, text, image, generate, decode, encode or publish
     * @param message the fact, the values, the remedy
     */
    public RequestException(FailureCode code, String stage, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.code = Objects.requireNonNull(code, "code");
        this.stage = Objects.requireNonNull(stage, "stage");
    }

    /** Creates an exception with a cause; see {@link #RequestException(FailureCode, String, String)}. */
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
