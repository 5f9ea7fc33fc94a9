package io.zoetrope.flink;

import org.apache.flink.api.java.functions.KeySelector;

/** Returns the request id of an admitted event, by which the stream is partitioned. */
public final class RequestKey implements KeySelector<KafkaEvent, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String getKey(KafkaEvent event) {
        return event.requestId();
    }
}
