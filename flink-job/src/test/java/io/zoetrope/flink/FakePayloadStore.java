package io.zoetrope.flink;

import io.zoetrope.publish.StoredPayload;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.codec.digest.DigestUtils;

/** A store in memory, whose writes the test ends. */
class FakePayloadStore implements PayloadStore {
    /** The payloads that can be read, by URI. */
    final Map<String, ByteBuffer> objects = new HashMap<>();

    private final Queue<Runnable> writes = new ArrayDeque<>();

    @Override
    public StoredPayload locate(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        String digest = DigestUtils.sha256Hex(bytes);
        return new StoredPayload("s3://clips/" + digest + ".mp4", digest);
    }

    @Override
    public CompletableFuture<Duration> put(StoredPayload stored, ByteBuffer payload) {
        CompletableFuture<Duration> written = new CompletableFuture<>();
        writes.add(() -> {
            objects.put(stored.uri(), payload);
            written.complete(Duration.ofMillis(3));
        });
        return written;
    }

    /** Returns the number of writes that have not ended. */
    int waiting() {
        return writes.size();
    }

    /** Ends the oldest write. */
    void endNext() {
        writes.remove().run();
    }

    @Override
    public void close() {}

    /** A store with a fault that the tests have to catch: it answers before the payload is written. */
    static final class Early extends FakePayloadStore {
        @Override
        public CompletableFuture<Duration> put(StoredPayload stored, ByteBuffer payload) {
            var unused = super.put(stored, payload);
            return CompletableFuture.completedFuture(Duration.ZERO);
        }
    }
}
