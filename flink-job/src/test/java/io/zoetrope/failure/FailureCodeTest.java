package io.zoetrope.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FailureCodeTest {
    /** Senders of events branch on these codes, so a code may be added, but not changed or removed. */
    @Test
    void publishedCodesStay() {
        assertThat(Arrays.stream(FailureCode.values()).map(Enum::name))
                .contains(
                        "INVALID_EVENT",
                        "PROMPT_TOO_LONG",
                        "UNKNOWN_MODEL",
                        "UNSUPPORTED_SHAPE",
                        "IMAGE_REJECTED",
                        "DEADLINE_EXCEEDED",
                        "CANCELLED",
                        "OUT_OF_MEMORY",
                        "INFERENCE_FAILED",
                        "INFERENCE_TIMEOUT",
                        "ENCODE_FAILED",
                        "PAYLOAD_TOO_LARGE",
                        "QUOTA_EXCEEDED",
                        "REGISTRY_UNAVAILABLE",
                        "PROCESS_ENDED");
    }

    @Test
    void onlyTransientFailuresAreRetryable() {
        assertThat(Arrays.stream(FailureCode.values()).filter(FailureCode::retryable))
                .containsExactly(
                        FailureCode.OUT_OF_MEMORY,
                        FailureCode.INFERENCE_FAILED,
                        FailureCode.INFERENCE_TIMEOUT,
                        FailureCode.ENCODE_FAILED,
                        FailureCode.QUOTA_EXCEEDED,
                        FailureCode.REGISTRY_UNAVAILABLE);
    }
}
