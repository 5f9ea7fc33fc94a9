package io.zoetrope.flink;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.MDC;

/**
 * The fields of log messages that concern one request, for logs in JSON: {@code request_id}, and {@code trace_id} if the
 * prompt has a header of W3C Trace Context. They apply to the messages of this thread until {@link #close()}.
 */
final class RequestLog implements AutoCloseable {
    private static final String REQUEST = "request_id";
    private static final String TRACE = "trace_id";
    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-.*");

    private RequestLog() {}

    /** Sets the fields of a request. An event that was not admitted has no {@code request_id}. */
    static RequestLog of(KafkaEvent event) {
        event.admittedId().ifPresent(id -> MDC.put(REQUEST, id.value()));
        for (KafkaHeader header : event.trace()) {
            Matcher parent = TRACEPARENT.matcher(new String(header.value(), StandardCharsets.US_ASCII));
            if (header.name().equalsIgnoreCase("traceparent") && parent.matches()) {
                MDC.put(TRACE, parent.group(1));
            }
        }
        return new RequestLog();
    }

    @Override
    public void close() {
        MDC.remove(REQUEST);
        MDC.remove(TRACE);
    }
}
