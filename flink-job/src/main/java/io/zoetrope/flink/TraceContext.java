package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.header.Header;

/**
 * The W3C Trace Context headers of a prompt, with which its sender traces it through other systems.
 *
 * <p>The job creates no spans. So it implements the first of the Recommendation's two levels of conformance: it
 * forwards both headers, and neither parses nor validates them.
 */
final class TraceContext {
    /** The names, in lower case. The Recommendation requires that readers ignore the case. */
    private static final Set<String> NAMES = Set.of("traceparent", "tracestate");

    /**
     * The maximum size of the trace headers of one prompt, because they are copied to every segment. The trace contexts
     * of common tracers have less than 1 KiB.
     */
    static final int MAX_BYTES = 8 << 10;

    private TraceContext() {}

    /**
     * Returns the trace headers of a record, in their order. Leaves out headers that would exceed {@link #MAX_BYTES}.
     */
    static List<KafkaHeader> of(Iterable<Header> headers) {
        List<KafkaHeader> trace = new ArrayList<>();
        int size = 0;
        for (Header header : headers) {
            byte[] value = header.value();
            if (value == null || !NAMES.contains(header.key().toLowerCase(Locale.ROOT))) {
                continue;
            }
            if (size + value.length <= MAX_BYTES) {
                size += value.length;
                trace.add(new KafkaHeader(header.key(), value));
            }
        }
        return trace;
    }
}
