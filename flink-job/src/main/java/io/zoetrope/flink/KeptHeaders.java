package io.zoetrope.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a prompt that the job keeps and copies to the answers: the one that names the tenant, and those of W3C
 * Trace Context, with which the sender traces the prompt through other systems.
 *
 * <p>The job creates no spans. So it implements the first of the Recommendation's two levels of conformance: it
 * forwards both trace headers without parsing or validating them.
 */
final class KeptHeaders {
    /** The names, in lower case. The Recommendation requires that readers ignore the case. */
    private static final Set<String> NAMES = Set.of("traceparent", "tracestate");

    private KeptHeaders() {}

    /**
     * Returns the headers that are kept of a record: the last one that names a tenant, then the trace headers in their
     * order. Leaves out headers that would exceed the limit: they are copied to every segment. The trace contexts of
     * common tracers have less than 1 KiB.
     *
     * @param tenant the header that names the tenant; null if none does
     * @param maxBytes the largest size of all returned headers, with the lengths that Kafka adds
     */
    static List<KafkaHeader> of(Header[] headers, @Nullable String tenant, int maxBytes) {
        List<Header> candidates = new ArrayList<>();
        Arrays.stream(headers)
                .filter(header -> header.key().equals(tenant))
                .reduce((first, last) -> last)
                .ifPresent(candidates::add);
        Arrays.stream(headers)
                .filter(header -> NAMES.contains(header.key().toLowerCase(Locale.ROOT)))
                .forEach(candidates::add);
        List<KafkaHeader> kept = new ArrayList<>();
        long size = 0;
        for (Header header : candidates) {
            byte[] value = header.value();
            if (value == null) {
                continue;
            }
            KafkaHeader candidate = new KafkaHeader(header.key(), value);
            if (size + candidate.size() <= maxBytes) {
                size += candidate.size();
                kept.add(candidate);
            }
        }
        return kept;
    }
}
