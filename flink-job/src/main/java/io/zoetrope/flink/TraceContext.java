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

    private TraceContext() {}

    /**
     * Returns the trace headers of a record, in their order. Leaves out headers that would exceed the limit: they are
     * copied to every segment. The trace contexts of common tracers have less than 1 KiB.
     *
     * @param maxBytes the largest size of all returned headers, with the lengths that Kafka adds
     */
    static List<KafkaHeader> of(Header[] headers, int maxBytes) {
        List<KafkaHeader> trace = new ArrayList<>();
        long size = 0;
        for (Header header : headers) {
            byte[] value = header.value();
            if (value == null || !NAMES.contains(header.key().toLowerCase(Locale.ROOT))) {
                continue;
            }
            KafkaHeader kept = new KafkaHeader(header.key(), value);
            if (size + kept.size() <= maxBytes) {
                size += kept.size();
                trace.add(kept);
            }
        }
        return trace;
    }
}
