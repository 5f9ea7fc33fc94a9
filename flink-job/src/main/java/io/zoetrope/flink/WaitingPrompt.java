package io.zoetrope.flink;

import io.zoetrope.fair.Waiting;
import io.zoetrope.prompt.PromptRequest;
import java.time.Instant;
import java.util.Optional;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * A prompt that waits for its turn, as Flink's state keeps it.
 *
 * @param event the record of the prompt
 * @param tenant the name of the tenant
 * @param arrivedAtMillis the time at which the prompt began to wait, in milliseconds since the epoch
 * @param deadlineMillis the deadline, in milliseconds since the epoch; null if there is none
 * @param work how much it costs, compared with the model's usual request
 * @param recordMillis the timestamp of the record, in milliseconds since the epoch; null if it has none, and in state
 *     from before this field
 */
public record WaitingPrompt(
        KafkaEvent event,
        String tenant,
        long arrivedAtMillis,
        @Nullable Long deadlineMillis,
        double work,
        @Nullable Long recordMillis) {
    /** What the state and the index of one waiting prompt need in addition to the bytes of its record. */
    private static final int OVERHEAD_BYTES = 512;

    static WaitingPrompt of(
            KafkaEvent event,
            PromptRequest request,
            TenantName tenant,
            double work,
            Instant now,
            @Nullable Long recordMillis) {
        return new WaitingPrompt(
                event,
                tenant.of(event, request),
                now.toEpochMilli(),
                request.deadline().map(Instant::toEpochMilli).orElse(null),
                work,
                recordMillis);
    }

    /** Returns the record as the stream had it. Its timestamp becomes its answer's, by which answers' age is measured. */
    StreamRecord<KafkaEvent> record() {
        return recordMillis == null ? new StreamRecord<>(event) : new StreamRecord<>(event, recordMillis);
    }

    Waiting waiting() {
        return new Waiting(
                event.requestId(),
                tenant,
                Instant.ofEpochMilli(arrivedAtMillis),
                event.partition(),
                event.offset(),
                Optional.ofNullable(deadlineMillis).map(Instant::ofEpochMilli),
                work);
    }

    /** Returns the memory that the prompt needs while it waits. */
    long bytes() {
        byte[] key = event.key();
        byte[] value = event.value();
        long headers = event.trace().stream()
                .mapToLong(header -> header.name().length() + header.value().length)
                .sum();
        return OVERHEAD_BYTES + headers + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    }
}
