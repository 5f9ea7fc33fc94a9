package io.zoetrope.kafka;

import org.jspecify.annotations.Nullable;

/** Thrown when the broker cannot start. The message states the place, the cause and the remedy. */
public final class BrokerStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
