package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordLimitsTest {
    private static final byte[] KEY = "request-1".getBytes(StandardCharsets.UTF_8);

    private final RecordHeaders headers = new RecordHeaders();

    @Test
    void aRecordIsReadUpToItsBytesAndOneMoreIsAFault() {
        byte[] value = new byte[1000];
        int size = RecordLimits.size(KEY, value, headers.toArray());

        KafkaEvent read = new RecordLimits(size, 0, 0, null).event(record(KEY, value));
        KafkaEvent refused = new RecordLimits(size - 1, 0, 0, null).event(record(KEY, value));

        assertThat(read.fault()).isNull();
        assertThat(read.value()).isSameAs(value);
        assertThat(refused.value()).isNull();
        assertThat(refused.key()).isEqualTo(KEY);
        assertThatThrownBy(refused::admitted)
                .hasMessage(
                        "the record has " + size + " bytes when it is decompressed, the limit (max-record-bytes) is "
                                + (size - 1) + "; send a smaller one");
    }

    @Test
    void headersAreReadUpToTheirNumberAndOneMoreIsAFault() {
        for (int i = 0; i < 10; i++) {
            headers.add("traceparent", new byte[0]);
        }

        KafkaEvent read = new RecordLimits(1 << 20, 10, 8192, null).event(record(KEY, new byte[1]));
        KafkaEvent refused = new RecordLimits(1 << 20, 9, 8192, null).event(record(KEY, new byte[1]));

        assertThat(read.fault()).isNull();
        assertThat(read.trace()).hasSize(10);
        assertThat(refused.fault()).isEqualTo("the record has 10 headers, the limit (max-headers) is 9; send fewer");
    }

    @Test
    void aKeyThatIsTooLargeAloneIsLeftOut() {
        KafkaEvent refused = new RecordLimits(1000, 0, 0, null).event(record(new byte[2000], new byte[1]));

        assertThat(refused.key()).isNull();
        assertThat(refused.fault()).contains("the limit (max-record-bytes) is 1000");
    }

    @Test
    void aTombstoneIsRead() {
        KafkaEvent tombstone = new RecordLimits(1 << 20, 0, 0, null).event(record(KEY, null));

        assertThat(tombstone.isTombstone()).isTrue();
        assertThat(tombstone.requestId()).isEqualTo("request-1");
    }

    private ConsumerRecord<byte[], byte[]> record(byte[] key, byte @Nullable [] value) {
        return new ConsumerRecord<>(
                "t", 0, 7, 0, TimestampType.CREATE_TIME, key.length, 0, key, value, headers, Optional.empty());
    }
}
