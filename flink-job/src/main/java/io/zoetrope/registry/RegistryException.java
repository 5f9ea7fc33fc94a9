package io.zoetrope.registry;

/** Thrown if the registry gave no usable answer. The message states the address, the fact and the remedy. */
public final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RegistryException(String message, Throwable cause) {
        super(message, cause);
    }

    RegistryException(String message) {
        super(message);
    }
}
