package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteNumbersTest {
    @ParameterizedTest
    @ValueSource(floats = {0, -0f, 1, -1, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -Float.MIN_NORMAL})
    void finiteNumbersPass(float number) {
        for (int size = 1; size < 6; size++) {
            float[] numbers = new float[size];
            Arrays.fill(numbers, number);
            assertThatCode(() -> require(numbers)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneOtherNumberIsFoundAtEveryPosition(float number) {
        for (int size = 1; size < 6; size++) {
            for (int position = 0; position < size; position++) {
                float[] numbers = new float[size];
                Arrays.fill(numbers, -Float.MAX_VALUE);
                numbers[position] = number;

                RequestException fault = catchThrowableOfType(RequestException.class, () -> require(numbers));

                assertThat(fault.code()).isEqualTo(FailureCode.INFERENCE_FAILED);
                assertThat(fault.stage()).isEqualTo("generate");
                assertThat(fault)
                        .hasMessageContaining("generator.onnx: expected finite numbers in velocity, got 1 of " + size)
                        .hasMessageContaining("the first " + number + " at index " + position);
            }
        }
    }

    private static void require(float[] numbers) {
        FiniteNumbers.require(TestBuffers.floats(numbers), "velocity", "generate", "generator.onnx");
    }
}
