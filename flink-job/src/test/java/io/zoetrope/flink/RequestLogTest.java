package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class RequestLogTest {
    private static final KafkaHeader PARENT =
            KafkaHeader.of("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    @Test
    void theMessagesOfARequestHaveItsIdAndItsTrace() {
        try (RequestLog fields =
                RequestLog.of(Events.traced(Events.prompt("request-1"), PARENT).admitted())) {
            assertThat(MDC.get("request_id")).isEqualTo("request-1");
            assertThat(MDC.get("trace_id")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        }
        assertThat(MDC.get("request_id")).isNull();
        assertThat(MDC.get("trace_id")).isNull();
    }

    @Test
    void aHeaderThatIsNoTraceIsIgnored() {
        KafkaHeader broken = KafkaHeader.of("traceparent", "\",\"level\":\"none");

        try (RequestLog fields = RequestLog.of(Events.traced(Events.prompt("request-1"), broken))) {
            assertThat(MDC.get("request_id")).isNull();
            assertThat(MDC.get("trace_id")).isNull();
        }
    }
}
