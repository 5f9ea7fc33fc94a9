package io.zoetrope.config;

import org.jspecify.annotations.Nullable;

/**
 * An option of the job. Its key, type, default and description are defined here only.
 *
 * @param <T> the Java type of the value
 * @param key the name of the option: {@code --key value} on the command line, {@code key: value} below {@code
 *     zoetrope:} in a file
 * @param type the type of the value
 * @param defaultText the default value, as text; null if the option is required
 * @param description what the option does, in one sentence
 */
public record Option<T>(
        String key, ValueType<T> type, @Nullable String defaultText, String description) {}
