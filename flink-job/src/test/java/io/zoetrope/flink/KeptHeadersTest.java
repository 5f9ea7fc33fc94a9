package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class KeptHeadersTest {
    private static final int MAX_BYTES = 8 << 10;

    private final RecordHeaders headers = new RecordHeaders();

    @Test
    void bothHeadersAreKeptInOrderAndOthersAreNot() {
        add("tenant", "a");
        add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        add("tracestate", "one=1");
        add("TraceState", "two=2");

        assertThat(KeptHeaders.of(headers.toArray(), null, MAX_BYTES))
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(
                        KafkaHeader.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                        KafkaHeader.of("tracestate", "one=1"),
                        KafkaHeader.of("TraceState", "two=2"));
    }

    @Test
    void theLastHeaderOfTheTenantIsKeptFirst() {
        add("traceparent", "1");
        add("x-tenant", "a");
        add("X-Tenant", "b");
        add("x-tenant", "c");

        assertThat(KeptHeaders.of(headers.toArray(), "x-tenant", MAX_BYTES))
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(KafkaHeader.of("x-tenant", "c"), KafkaHeader.of("traceparent", "1"));
    }

    @Test
    void malformedHeadersAreKeptByteForByte() {
        byte[] malformed = {(byte) 0xFF, 0, 'x'};
        headers.add("traceparent", malformed);

        assertThat(KeptHeaders.of(headers.toArray(), null, MAX_BYTES))
                .singleElement()
                .satisfies(header -> assertThat(header.value()).isEqualTo(malformed));
    }

    @Test
    void aHeaderWithoutAValueIsLeftOut() {
        headers.add("traceparent", null);

        assertThat(KeptHeaders.of(headers.toArray(), null, MAX_BYTES)).isEmpty();
    }

    @Test
    void aHeaderThatExceedsTheLimitIsLeftOutAndTheOthersAreKept() {
        add("tracestate", "x".repeat(MAX_BYTES + 1));
        add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        assertThat(KeptHeaders.of(headers.toArray(), null, MAX_BYTES))
                .extracting(KafkaHeader::name)
                .containsExactly("traceparent");
    }

    @Test
    void headersAreKeptUpToTheLimitWithTheLengthsThatKafkaAdds() {
        // A name of 11 characters, and two lengths of one byte each.
        int each = 11 + 2;
        for (int i = 0; i < 1000; i++) {
            headers.add("traceparent", new byte[0]);
        }

        assertThat(KeptHeaders.of(headers.toArray(), null, 10 * each)).hasSize(10);
        assertThat(KeptHeaders.of(headers.toArray(), null, 10 * each - 1)).hasSize(9);
        assertThat(KeptHeaders.of(headers.toArray(), null, 0)).isEmpty();
    }

    private void add(String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
