package io.zoetrope.engine;

/**
 * Thrown by an {@link EngineFactory} if no process can open the engine, because the model itself is at fault. Every
 * other exception may belong to the machine or to the moment.
 */
public final class UnusableModelException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with the message of its cause. */
    public UnusableModelException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
