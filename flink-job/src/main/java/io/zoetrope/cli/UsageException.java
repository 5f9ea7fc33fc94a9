package io.zoetrope.cli;

/** An error that the user can correct. The message states the fact, the values and the remedy. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
