package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import org.apache.commons.codec.digest.DigestUtils;

/** Derives the seed of a request that does not contain one from its id, so that a replay makes the same video. */
public final class Seed {
    private static final String DOMAIN = "zoetrope.seed:";

    /** The number of bits of a derived seed: readers that hold numbers as doubles, such as jq, keep them all. */
    private static final int BITS = 53;

    private Seed() {}

    /**
     * Returns the first 53 bits, big-endian, of the SHA-256 of {@code "zoetrope.seed:"} and the id, both as UTF-8. The
     * seed is not negative.
     */
    public static long derive(RequestId requestId) {
        byte[] digest = DigestUtils.sha256(DOMAIN + requestId.value());
        return ByteBuffer.wrap(digest).getLong() >>> (Long.SIZE - BITS);
    }
}
