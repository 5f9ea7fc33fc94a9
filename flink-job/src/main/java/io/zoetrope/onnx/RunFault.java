package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.regex.Pattern;

/** Turns an error of ONNX Runtime in a run into a request's failure. */
final class RunFault {
    /**
     * Messages that report a lack of memory. ONNX Runtime has no error code for it: its arena, the C++ library, CUDA,
     * cuBLAS and cuDNN each have their own message, with the code of a general failure.
     */
    private static final Pattern NO_MEMORY =
            Pattern.compile("Failed to allocate memory|bad_alloc|out of memory|ALLOC(ATION)?_FAILED");

    private RunFault() {}

    static RequestException of(OrtException e, String stage, String file) {
        String message = String.valueOf(e.getMessage());
        if (NO_MEMORY.matcher(message).find()) {
            return outOfMemory(e, stage, file);
        }
        return new RequestException(
                FailureCode.INFERENCE_FAILED,
                stage,
                file + ": ONNX Runtime failed with " + OrtMessage.of(e) + "; send the prompt again",
                e);
    }

    static RequestException outOfMemory(Throwable e, String stage, String file) {
        return new RequestException(
                FailureCode.OUT_OF_MEMORY,
                stage,
                file + ": no memory for this batch, " + e.getMessage()
                        + "; send the prompt again, or make batches smaller",
                e);
    }
}
