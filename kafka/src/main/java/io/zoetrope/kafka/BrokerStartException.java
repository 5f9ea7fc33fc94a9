package io.zoetrope.kafka;

import org.jspecify.annotations.Nullable;

/** The broker could not start. The message says where, why, and what to do about it. */
public final class BrokerStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
