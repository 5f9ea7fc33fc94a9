package io.zoetrope.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Measures the map of one record while it is scanned. A key that occurs again replaces its value, as it does when the
 * record is decoded.
 */
final class MapSize {
    private final String field;
    private final MapLimits limits;
    /** The bytes of each key with its value. The keys are texts, because a tree of them orders equal hash codes. */
    private final Map<String, Long> sizes = new HashMap<>();

    private long bytes;

    MapSize(String field, MapLimits limits) {
        this.field = field;
        this.limits = limits;
    }

    /**
     * Adds an entry.
     *
     * @param key the key's bytes with their length in front
     * @param valueBytes the size of the value with its length in front
     * @throws MapTooLargeException if the map then exceeds a limit
     */
    void add(ByteBuffer key, long valueBytes) throws MapTooLargeException {
        if (limits.equals(MapLimits.NONE)) {
            return;
        }
        long size = key.remaining() + valueBytes;
        if (size > limits.bytes()) {
            throw tooLarge(size + " bytes in one of its entries", limits.bytes() + " bytes in all");
        }
        Long replaced = sizes.put(StandardCharsets.UTF_8.decode(key).toString(), size);
        bytes += size - (replaced == null ? 0 : replaced);
        if (sizes.size() > limits.entries()) {
            throw tooLarge("more than " + limits.entries() + " entries", limits.entries() + " entries");
        }
        if (bytes > limits.bytes()) {
            throw tooLarge("more than " + limits.bytes() + " bytes", limits.bytes() + " bytes");
        }
    }

    private MapTooLargeException tooLarge(String actual, String limit) {
        return new MapTooLargeException(
                field + ": expected at most " + limit + ", got " + actual + "; send fewer or shorter ones");
    }
}
