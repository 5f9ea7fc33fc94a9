package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.schema.FailedPrompt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Tests that the audit of the corpus catches planted faults. */
class CorpusAuditTest {
    private static final RecordMetadata AT_7 = new RecordMetadata(new TopicPartition("t", 0), 7, 0, 0, 0, 0);

    @Test
    void anAnswerThatIsMissingDoubledOrOfTheOtherKindIsFound() {
        FailedPrompt failure = failure(7);

        for (WireCorpus.Expected expected : WireCorpus.Expected.values()) {
            assertThat(faults(expected)).as("none for %s", expected).hasSize(1);
            assertThat(faults(expected, failure, failure))
                    .as("two for %s", expected)
                    .hasSize(1);
        }
        assertThat(faults(WireCorpus.Expected.VIDEO, failure)).hasSize(1);
        assertThat(faults(WireCorpus.Expected.FAILURE, failure(8))).hasSize(1);
        assertThat(faults(WireCorpus.Expected.FAILURE, failure)).isEmpty();
        assertThat(faults(WireCorpus.Expected.ANY, failure)).isEmpty();
    }

    private static List<String> faults(WireCorpus.Expected expected, FailedPrompt... failures) {
        byte[] key = "odd".getBytes(StandardCharsets.UTF_8);
        var entry = new WireCorpus.Entry("odd", key, new byte[0], List.of(), "none", expected);
        return new CorpusAudit(Map.of(entry, AT_7), List.of(), List.of(failures)).faults();
    }

    private static FailedPrompt failure(long offset) {
        return FailedPrompt.newBuilder()
                .setCode("INVALID_EVENT")
                .setStage("admit")
                .setMessage("planted")
                .setRetryable(false)
                .setTopic("t")
                .setPartition(0)
                .setOffset(offset)
                .setAttempts(1)
                .setFailedAt(Instant.EPOCH)
                .build();
    }
}
