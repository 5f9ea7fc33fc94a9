package io.zoetrope.bench;

/** Something cannot be measured here; the message says why, and what to do. */
public final class NotMeasuredException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With the reason. */
    public NotMeasuredException(String message) {
        super(message);
    }
}
