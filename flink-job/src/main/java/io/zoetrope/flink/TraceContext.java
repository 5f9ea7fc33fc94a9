package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.header.Header;

/**
 * The headers by which a prompt's sender follows it through other systems: W3C Trace Context.
 *
 * <p>The job makes no spans of its own. So of the Recommendation's two levels it keeps to the first, which is to forward
 * both headers; it reads neither, and hence judges neither.
 */
final class TraceContext {
    /** In lower case; the Recommendation has readers accept every other. */
    private static final Set<String> NAMES = Set.of("traceparent", "tracestate");

    /** Bytes kept of one prompt. A trace context that tracers write has less than 1 KiB, and it rides on every segment. */
    static final int LIMIT = 8 << 10;

    private TraceContext() {}

    /** Those of a record's headers that belong to its trace, in their order; one that exceeds the limit is left out. */
    static List<KafkaHeader> of(Iterable<Header> headers) {
        List<KafkaHeader> trace = new ArrayList<>();
        int size = 0;
        for (Header header : headers) {
            byte[] value = header.value();
            if (value == null || !NAMES.contains(header.key().toLowerCase(Locale.ROOT))) {
                continue;
            }
            if (size + value.length <= LIMIT) {
                size += value.length;
                trace.add(new KafkaHeader(header.key(), value));
            }
        }
        return trace;
    }
}
