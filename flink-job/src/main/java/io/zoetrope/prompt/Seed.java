package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import org.apache.commons.codec.digest.DigestUtils;

/** Derives the seed of a request that does not contain one from its id, so that a replay makes the same video. */
public final class Seed {
    private static final String DOMAIN = "zoetrope.seed:";

    private Seed() {}

    /** Returns the first 8 bytes, big-endian, of the SHA-256 of {@code "zoetrope.seed:"} and the id, both as UTF-8. */
    public static long derive(RequestId requestId) {
        byte[] digest = DigestUtils.sha256(DOMAIN + requestId.value());
        return ByteBuffer.wrap(digest).getLong();
    }
}
