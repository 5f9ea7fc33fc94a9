package io.zoetrope.config;

/**
 * One option as somebody wrote it, before it is checked.
 *
 * @param key the option's key, without a prefix
 * @param value its text
 * @param source where it stands, for errors: {@code --batch-max} or {@code zoetrope.yaml line 3}
 */
public record Setting(String key, String value, String source) {}
