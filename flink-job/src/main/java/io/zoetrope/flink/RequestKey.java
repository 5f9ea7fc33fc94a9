package io.zoetrope.flink;

import org.apache.flink.api.java.functions.KeySelector;

/** The id of an admitted event's request. */
public final class RequestKey implements KeySelector<KafkaEvent, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String getKey(KafkaEvent event) {
        return EventReader.requestId(event).value();
    }
}
