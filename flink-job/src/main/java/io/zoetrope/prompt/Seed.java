package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import org.apache.commons.codec.digest.DigestUtils;

/** The seed of a request that brings none: a function of its id, so that a replay gives the same video. */
public final class Seed {
    private static final String DOMAIN = "zoetrope.seed:";

    private Seed() {}

    /** The first 8 bytes, big-endian, of SHA-256 over {@code "zoetrope.seed:"} and the id, as UTF-8. */
    public static long derive(RequestId requestId) {
        byte[] digest = DigestUtils.sha256(DOMAIN + requestId.value());
        return ByteBuffer.wrap(digest).getLong();
    }
}
