package io.zoetrope.kafka;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when reading or changing the topics of a cluster fails. The message states the operation, cause and remedy.
 */
public final class ProvisioningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProvisioningException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
