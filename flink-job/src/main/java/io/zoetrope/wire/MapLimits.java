package io.zoetrope.wire;

/**
 * The largest map that a record may have. Both limits are checked on the encoded bytes, before a map is made: a map of
 * keys that share a hash code can take hours to make.
 *
 * @param entries the largest number of different keys
 * @param bytes the largest number of bytes of all keys and values in UTF-8
 */
public record MapLimits(int entries, long bytes) {
    /** No limits, for records that this project has written. */
    static final MapLimits NONE = new MapLimits(Integer.MAX_VALUE, Long.MAX_VALUE);
}
