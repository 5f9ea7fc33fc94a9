package io.zoetrope.publish;

/**
 * A segment's payload that is stored outside of its record.
 *
 * @param uri the address of the payload
 * @param sha256 the SHA-256 digest of the payload, as 64 lower-case hexadecimal digits
 */
public record StoredPayload(String uri, String sha256) {}
