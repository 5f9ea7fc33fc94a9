package io.zoetrope.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The options of large payloads, in the order in which the help texts and the documentation list them. */
public final class DeliveryOptions {
    private static final List<Option<?>> ALL = new ArrayList<>();

    public static final Option<Optional<String>> PAYLOAD_FOLDER = option(
            "payload-folder",
            ValueType.folderOrNone(),
            "none",
            "Folder or URI, such as s3://bucket/videos, for payloads that are too large for their records, which then"
                    + " have the payload's URI; none keeps every payload in its record.");

    public static final Option<DataSize> PAYLOAD_INLINE_BYTES = option(
            "payload-inline-bytes",
            ValueType.size("0 B", "1 GiB"),
            "1 MiB",
            "Largest payload that stays in its record if there is a payload-folder; one whose record would be larger"
                    + " than max-payload-bytes never stays.");

    public static final Option<Duration> PAYLOAD_TIMEOUT = option(
            "payload-timeout",
            ValueType.duration("1 s", "1 h"),
            "1 min",
            "Longest time to write one payload to payload-folder; after it the job restarts and writes it again.");

    private DeliveryOptions() {}

    /** Returns all of these options, in the order of this class. */
    public static List<Option<?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    private static <T> Option<T> option(String key, ValueType<T> type, String defaultText, String description) {
        Option<T> option = new Option<>(key, type, defaultText, description);
        ALL.add(option);
        return option;
    }
}
