package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The seed of a request that brings none: a function of its id, so that a replay gives the same video. */
public final class Seed {
    private static final String DOMAIN = "zoetrope.seed:";

    private Seed() {}

    /** The first 8 bytes, big-endian, of SHA-256 over {@code "zoetrope.seed:"} and the id, as UTF-8. */
    public static long derive(RequestId requestId) {
        byte[] digest = sha256().digest((DOMAIN + requestId.value()).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest).getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256; this one does not", e);
        }
    }
}
