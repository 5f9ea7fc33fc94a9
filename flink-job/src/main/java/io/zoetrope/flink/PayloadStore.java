package io.zoetrope.flink;

import io.zoetrope.publish.StoredPayload;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Stores the payloads that are not in their records. All calls return at once. */
interface PayloadStore extends AutoCloseable {
    /** Returns where a payload is stored. Stores nothing. */
    StoredPayload locate(ByteBuffer payload);

    /**
     * Writes a payload.
     *
     * @return the time that it took, when the payload can be read; an IllegalStateException if that failed or took too
     *     long
     */
    CompletableFuture<Duration> put(StoredPayload stored, ByteBuffer payload);

    /** Interrupts the writes that run. */
    @Override
    void close();
}
