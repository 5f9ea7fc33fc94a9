package io.zoetrope.failure;

/**
 * The cause of a {@link RequestException} if the device failed, and not the request: another device, or the same one
 * later, can answer it.
 */
public final class DeviceFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with the message of its cause. */
    public DeviceFaultException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
