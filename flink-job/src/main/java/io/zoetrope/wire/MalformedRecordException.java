package io.zoetrope.wire;

/** Bytes that are no record of the expected kind. The message states the fact, the values and the remedy. */
public final class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRecordException(String message) {
        super(message);
    }

    MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
