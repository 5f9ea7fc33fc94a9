package io.zoetrope.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The limits of what one prompt's record may hold, in the order in which the help texts and the documentation list
 * them. A record above a limit becomes one failure, before the job does the work that the limit bounds.
 */
public final class LimitOptions {
    private static final List<Option<?>> ALL = new ArrayList<>();

    public static final Option<DataSize> MAX_RECORD_BYTES = option(
            "max-record-bytes",
            ValueType.size("64 KiB", "1 GiB"),
            "16 MiB",
            "Largest record of the prompts topic: key, value and headers, decompressed.");

    public static final Option<Integer> MAX_HEADERS = option(
            "max-headers", ValueType.integer(0, 1_000_000), "1000", "Largest number of headers of a prompt's record.");

    public static final Option<DataSize> MAX_TRACE_BYTES = option(
            "max-trace-bytes",
            ValueType.size("0 B", "8 KiB"),
            "8 KiB",
            "Largest headers that are copied to an answer (trace and tenant), names included; further ones are left"
                    + " out.");

    public static final Option<Integer> MAX_PROMPT_CHARACTERS = option(
            "max-prompt-characters",
            ValueType.integer(1, 10_000_000),
            "8192",
            "Largest number of characters of a prompt; longer text is not tokenized.");

    /** The time for labels is quadratic if their keys have one hash code: 4,096 of them take a fifth of a second. */
    public static final Option<Integer> MAX_LABELS =
            option("max-labels", ValueType.integer(0, 4096), "256", "Largest number of labels of a prompt.");

    public static final Option<DataSize> MAX_LABEL_BYTES = option(
            "max-label-bytes",
            ValueType.size("0 B", "16 MiB"),
            "64 KiB",
            "Largest labels of a prompt: all keys and values, as the record encodes them.");

    public static final Option<DataSize> MAX_IMAGE_BYTES =
            option("max-image-bytes", ValueType.size("1 KiB", "1 GiB"), "8 MiB", "Largest file of a first frame.");

    public static final Option<Integer> MAX_IMAGE_PIXELS = option(
            "max-image-pixels",
            ValueType.integer(1, 1_000_000_000),
            "25000000",
            "Largest number of pixels of a first frame, before it is scaled.");

    public static final Option<Integer> MAX_IMAGE_SIDE = option(
            "max-image-side", ValueType.integer(1, 65_535), "16384", "Longest side of a first frame, in pixels.");

    public static final Option<Integer> MAX_IMAGE_SCANS = option(
            "max-image-scans",
            ValueType.integer(1, 10_000),
            "100",
            "Largest number of scans of a progressive JPEG; each scan passes over all pixels.");

    private LimitOptions() {}

    /** Returns all limits, in the order of this class. */
    public static List<Option<?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    private static <T> Option<T> option(String key, ValueType<T> type, String defaultText, String description) {
        Option<T> option = new Option<>(key, type, defaultText, description);
        ALL.add(option);
        return option;
    }
}
