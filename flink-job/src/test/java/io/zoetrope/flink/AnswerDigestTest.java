package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerDigestTest {
    private static final byte[] KEY = {1};
    private static final byte[] VALUE = {2, 3};

    @Test
    void aRecordThatIsReadHasTheDigestOfTheRecordThatWasWritten() {
        ConsumerRecord<byte[], byte[]> read = new ConsumerRecord<>(
                "videos", 3, 42, 17, TimestampType.CREATE_TIME, 1, 2, KEY, VALUE, headers("a"), Optional.empty());

        assertThat(AnswerDigest.of(read)).isEqualTo(written("videos", KEY, VALUE, "a"));
    }

    @Test
    void recordsThatDifferInOneFieldHaveDifferentDigests() {
        assertThat(written("videos", KEY, VALUE, "a"))
                .isNotEqualTo(written("failures", KEY, VALUE, "a"))
                .isNotEqualTo(written("videos", null, VALUE, "a"))
                .isNotEqualTo(written("videos", new byte[0], VALUE, "a"))
                .isNotEqualTo(written("videos", new byte[] {1, 2}, new byte[] {3}, "a"));
    }

    @Test
    void aHeaderThatATracingAgentAddsChangesNothing() {
        assertThat(written("videos", KEY, VALUE, "a")).isEqualTo(written("videos", KEY, VALUE, "b"));
    }

    private static AnswerDigest written(String topic, byte @Nullable [] key, byte[] value, String header) {
        return AnswerDigest.of(new ProducerRecord<>(topic, null, key, value, headers(header)));
    }

    private static Headers headers(String name) {
        return new RecordHeaders().add(name, new byte[] {9});
    }
}
