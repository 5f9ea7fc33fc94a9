package io.zoetrope.flink;

import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestLimits;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates events for tests. */
final class Events {
    static final Instant CREATED = Instant.ofEpochMilli(1_750_000_000_123L);

    static final RequestLimits LIMITS = new RequestLimits(8192, 256, 64 << 10);

    private Events() {}

    static KafkaEvent prompt(String requestId) {
        return prompt(requestId, "a red circle", Optional.empty());
    }

    static KafkaEvent prompt(String requestId, String text, Optional<String> model) {
        return event(key(requestId), value(requestId, text, model, Optional.empty()));
    }

    static KafkaEvent promptDue(String requestId, Instant deadline) {
        return event(key(requestId), value(requestId, "a red circle", Optional.empty(), Optional.of(deadline)));
    }

    static KafkaEvent tombstone(String requestId) {
        return event(key(requestId), null);
    }

    static KafkaEvent event(byte @Nullable [] key, byte @Nullable [] value) {
        return new KafkaEvent("zoetrope.prompts", 3, 42, key, value, List.of(), null);
    }

    static KafkaEvent traced(KafkaEvent event, KafkaHeader... trace) {
        return new KafkaEvent(
                event.topic(), event.partition(), event.offset(), event.key(), event.value(), List.of(trace), null);
    }

    static byte[] key(String requestId) {
        return requestId.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] value(String requestId) {
        return value(requestId, "a red circle", Optional.empty(), Optional.empty());
    }

    private static byte[] value(String requestId, String text, Optional<String> model, Optional<Instant> deadline) {
        return PromptCodec.encode(new PromptRequest(
                requestId,
                text,
                Optional.empty(),
                model,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                deadline,
                Map.of("tenant", "a"),
                CREATED));
    }
}
