package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.RecordCodec;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {
    /** The smallest valid max-payload-bytes. */
    private static final int MIN_PAYLOAD = 16 << 10;

    private final RequestException fault =
            new RequestException(FailureCode.INVALID_EVENT, "admit", "\u6c34".repeat(5000));

    private final AnswerWriter writer = new AnswerWriter(AnswerFormat.upTo(MIN_PAYLOAD), InstantSource.system());

    @Test
    void aFailureKeepsTheTraceIfItFits() throws Exception {
        KafkaAnswer answer = writer.failure(event(new byte[100], new byte[100], 100), Optional.empty(), fault);

        assertThat(answer.headers().get(0).name()).isEqualTo("traceparent");
        assertThat(answer.key()).hasSize(100);
        assertThat(failure(answer).getValue()).isNotNull();
    }

    @Test
    void aFailureFitsTheSmallestRecordForAnySizeOfKeyValueAndTrace() throws Exception {
        for (int key : new int[] {0, 128, MIN_PAYLOAD, 1 << 20}) {
            for (int trace : new int[] {0, 8 << 10}) {
                KafkaAnswer answer =
                        writer.failure(event(new byte[key], new byte[1 << 20], trace), Optional.empty(), fault);

                assertThat(size(answer))
                        .as("key of %s bytes, trace of %s bytes", key, trace)
                        .isLessThan(MIN_PAYLOAD);
                assertThat(failure(answer).getOffset()).isEqualTo(42);
                assertThat(failure(answer).getMessage()).contains("read them at the source offset");
            }
        }
    }

    private static KafkaEvent event(byte[] key, byte[] value, int trace) {
        return new KafkaEvent(
                "t".repeat(249), 3, 42, key, value, List.of(new KafkaHeader("traceparent", new byte[trace])), null);
    }

    private static FailedPrompt failure(KafkaAnswer answer) throws Exception {
        return RecordCodec.FAILED_PROMPT.decode(answer.value());
    }

    private static int size(KafkaAnswer answer) {
        RecordHeaders headers = new RecordHeaders();
        answer.headers().forEach(header -> headers.add(header.name(), header.value()));
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.NONE, answer.key(), answer.value(), headers.toArray());
    }
}
