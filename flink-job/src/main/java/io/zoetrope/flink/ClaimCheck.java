package io.zoetrope.flink;

import io.zoetrope.config.DataSize;
import io.zoetrope.config.DeliveryOptions;
import io.zoetrope.config.JobConfig;
import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which payloads are stored in a folder. A record without its payload is a claim check: it names the payload's URI.
 *
 * @param folder the folder; null if every payload is in its record
 * @param inlineBytes the largest payload that is in its record
 * @param timeout the longest time to write one payload
 */
public record ClaimCheck(@Nullable PayloadFolder folder, long inlineBytes, Duration timeout) implements Serializable {
    /** Keeps every payload in its record. */
    static final ClaimCheck NONE = new ClaimCheck(null, Long.MAX_VALUE, Duration.ZERO);

    /**
     * Returns what the options choose.
     *
     * @throws IllegalArgumentException if the folder is not a path and not a URI
     */
    public static ClaimCheck of(JobConfig config) {
        DataSize inline = config.get(DeliveryOptions.PAYLOAD_INLINE_BYTES);
        Duration timeout = config.get(DeliveryOptions.PAYLOAD_TIMEOUT);
        return config.get(DeliveryOptions.PAYLOAD_FOLDER)
                .map(folder -> new ClaimCheck(PayloadFolder.of(folder), inline.bytes(), timeout))
                .orElse(NONE);
    }
}
