package io.zoetrope.kafka;

import org.jspecify.annotations.Nullable;

/** The cluster could not be asked or changed. The message says what was tried, why it failed, and what to do. */
public final class ProvisioningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProvisioningException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
