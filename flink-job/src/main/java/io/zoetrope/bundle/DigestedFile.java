package io.zoetrope.bundle;

/**
 * A file of the bundle with the digest of its bytes.
 *
 * @param file the path relative to the bundle's folder, with forward slashes
 * @param sha256 the SHA-256 of its bytes, 64 lower-case hex digits
 */
public record DigestedFile(String file, String sha256) {}
