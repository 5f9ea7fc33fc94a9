package io.zoetrope.rollout;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of a model: one bundle, written {@code toybox-64@1a2b3c4d5e6f}.
 *
 * @param model the name in the bundle's manifest
 * @param digest the first {@value #DIGITS} hexadecimal digits of the manifest's digest
 */
public record ModelVersion(String model, String digest) {
    /** The number of digits of a digest that tell versions apart. */
    public static final int DIGITS = 12;

    private static final Pattern TEXT = Pattern.compile("(.+)@([0-9a-f]{" + DIGITS + "})");

    /**
     * Returns the version of a bundle.
     *
     * @param digest the SHA-256 digest of its manifest, in hexadecimal
     */
    public static ModelVersion of(String model, String digest) {
        return new ModelVersion(model, digest.substring(0, DIGITS));
    }

    /** Reads a version; empty if the text is not one. */
    public static Optional<ModelVersion> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches() ? Optional.of(new ModelVersion(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    @Override
    public String toString() {
        return model + "@" + digest;
    }
}
