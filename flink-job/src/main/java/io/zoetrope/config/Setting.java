package io.zoetrope.config;

/**
 * The value that is given for an option, before it is checked.
 *
 * @param key the option's key, without a prefix
 * @param value the value, as text
 * @param source where the value is given, for error messages: {@code --batch-max} or {@code zoetrope.yaml line 3}
 */
public record Setting(String key, String value, String source) {
    /** Returns the key and the source, without the value, which may be secret. */
    @Override
    public String toString() {
        return key + " from " + source;
    }
}
