package io.zoetrope.flink;

import org.apache.flink.api.java.functions.KeySelector;

/** Keys the stream by the request id that an admitted event carries. */
public final class RequestKey implements KeySelector<KafkaEvent, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String getKey(KafkaEvent event) {
        return event.requestId();
    }
}
