package io.zoetrope.wire;

/** Thrown for bytes that are not a record of the expected type. The message states the fact, values and remedy. */
public class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message states the fact, values and remedy
     */
    public MalformedRecordException(String message) {
        super(message);
    }

    MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
