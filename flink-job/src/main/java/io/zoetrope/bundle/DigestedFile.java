package io.zoetrope.bundle;

/**
 * A file of the bundle and what its bytes must be.
 *
 * @param file path relative to the bundle's folder, with forward slashes
 * @param sha256 of its bytes, 64 lower-case hex digits
 */
public record DigestedFile(String file, String sha256) {}
