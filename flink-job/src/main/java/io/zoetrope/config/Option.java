package io.zoetrope.config;

import org.jspecify.annotations.Nullable;

/**
 * One option of the job: the only place that holds its key, type, default and meaning.
 *
 * @param <T> the Java type of the value
 * @param key as on the command line, {@code --key value}; in a file it stands below {@code zoetrope:}
 * @param type what it holds
 * @param defaultText the value where none is given, written as a person would; null where one must be given
 * @param description one sentence
 */
public record Option<T>(
        String key, ValueType<T> type, @Nullable String defaultText, String description) {}
