package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiagnosisTest {
    @Test
    void aRequestExceptionKeepsItsCodeAlsoWhenWrapped() {
        RequestException known = new RequestException(FailureCode.ENCODE_FAILED, "encode", "m");

        assertThat(Diagnosis.of(known)).isSameAs(known);
        assertThat(Diagnosis.of(new CompletionException(known))).isSameAs(known);
    }

    @Test
    void everyOtherFaultOfARequestGetsItsCode() {
        assertThat(Diagnosis.of(new CompletionException(new CancellationException("c")))
                        .code())
                .isEqualTo(FailureCode.CANCELLED);
        assertThat(Diagnosis.of(new TimeoutException("late")).code()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
        assertThat(Diagnosis.of(new OutOfMemoryError("Java heap space")).code()).isEqualTo(FailureCode.OUT_OF_MEMORY);
        assertThat(Diagnosis.of(new IllegalArgumentException("latents: wrong")))
                .hasMessageContaining("latents: wrong")
                .extracting(RequestException::code)
                .isEqualTo(FailureCode.INFERENCE_FAILED);
    }

    static Throwable[] faultsOfTheEngine() {
        return new Throwable[] {
            new RejectedExecutionException("the lane is closed"),
            new CompletionException(new RejectedExecutionException("the lane is closed")),
            new NoClassDefFoundError("ai/onnxruntime/OrtSession"),
            new StackOverflowError()
        };
    }

    @ParameterizedTest
    @MethodSource("faultsOfTheEngine")
    void aFaultOfTheEngineIsThrown(Throwable fault) {
        assertThatThrownBy(() -> Diagnosis.of(fault))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the engine failed, so that no request can be answered: ");
    }
}
