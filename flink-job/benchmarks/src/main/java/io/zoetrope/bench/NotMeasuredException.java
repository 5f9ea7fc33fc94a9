package io.zoetrope.bench;

/** Thrown if a measurement cannot run on this machine. The message states the reason and the remedy. */
public final class NotMeasuredException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Creates the exception with its reason and remedy. */
    public NotMeasuredException(String message) {
        super(message);
    }
}
