package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFaultTest {
    /** The model y = ConstantOfShape(n), in base64. The size of its output is the value of its input. */
    private static final String ZEROS =
            "CAg6PwoXCgFuEgF5Ig9Db25zdGFudE9mU2hhcGUSAWdaDwoBbhIKCggIBxIECgIIAWIQCgF5EgsKCQgBEgUKAxIBTkIECgAQEQ==";

    private static final long PETABYTE_OF_FLOATS = 1L << 48;

    @Test
    void realLackOfMemoryIsRecognised() throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(Base64.getDecoder().decode(ZEROS));
                OnnxTensor size = OnnxTensor.createTensor(environment, new long[] {PETABYTE_OF_FLOATS})) {
            OrtException thrown = catchThrowableOfType(OrtException.class, () -> session.run(Map.of("n", size)));

            RequestException fault = RunFault.of(thrown, "decode", "decoder.onnx");

            assertThat(fault.code()).isEqualTo(FailureCode.OUT_OF_MEMORY);
            assertThat(fault.stage()).isEqualTo("decode");
            assertThat(fault)
                    .hasMessageContaining("decoder.onnx: no memory for this batch")
                    .hasMessageContaining("make batches smaller")
                    .hasCause(thrown);
        }
    }

    /** The messages are those of ONNX Runtime, the C++ library and NVIDIA's libraries. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Non-zero status code returned while running Mul node. Status Message: bfc_arena.cc:368"
                        + " AllocateRawInternal Failed to allocate memory for requested buffer of size 2830172160",
                "std::bad_alloc",
                "CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; expr=cudaMalloc((void**)&p, size);",
                "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; expr=cublasCreate(&cublas_handle_);",
                "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0",
                "CUDNN failure 5003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0"
            })
    void lackOfMemoryIsRecognised(String message) {
        assertThat(RunFault.of(new OrtException(message), "generate", "generator.onnx")
                        .code())
                .isEqualTo(FailureCode.OUT_OF_MEMORY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Got invalid dimensions for input: latents",
                "CUDA failure 700: an illegal memory access was encountered",
                "Exiting due to terminate flag being set to true."
            })
    void anyOtherErrorIsAFailedInference(String message) {
        RequestException fault = RunFault.of(new OrtException(message), "generate", "generator.onnx");

        assertThat(fault.code()).isEqualTo(FailureCode.INFERENCE_FAILED);
        assertThat(fault)
                .hasMessageContaining("generator.onnx: ONNX Runtime failed with")
                .hasMessageContaining(message);
    }

    /** A fault that no request causes: the lane runs the batch again, and may move it to another GPU. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; hostname=h",
                "CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED ; GPU=0",
                "CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0",
                "TensorRT EP execution context enqueue failed."
            })
    void aFaultOfTheGpuIsRecognised(String message) {
        RequestException fault = RunFault.of(new OrtException(message), "generate", "generator.onnx");

        assertThat(fault).hasCauseInstanceOf(DeviceFaultException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Got invalid dimensions for input: latents",
                "CUDA failure 2: out of memory ; GPU=0",
                "Exiting due to terminate flag being set to true."
            })
    void aFaultOfARequestIsNotOneOfTheGpu(String message) {
        RequestException fault = RunFault.of(new OrtException(message), "generate", "generator.onnx");

        assertThat(fault.getCause()).isNotInstanceOf(DeviceFaultException.class);
    }
}
