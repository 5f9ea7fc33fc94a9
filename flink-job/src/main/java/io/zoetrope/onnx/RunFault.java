package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import io.zoetrope.failure.DeviceFaultException;
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

    /**
     * Messages of CUDA, cuBLAS, cuDNN and TensorRT. No prompt can cause them: token ids and shapes are checked before a
     * run. After most of them, such as "an illegal memory access", the GPU fails each later run of this process too.
     */
    private static final Pattern DEVICE = Pattern.compile(
            "CUDA(_CALL| failure| error)|CUBLAS(_STATUS| failure)|CUDNN(_STATUS| failure)|CURAND failure"
                    + "|TensorRT EP execution context enqueue failed|cudaError");

    private RunFault() {}

    static RequestException of(OrtException e, String stage, String file) {
        if (isNoMemory(e)) {
            return outOfMemory(e, stage, file);
        }
        return new RequestException(
                FailureCode.INFERENCE_FAILED,
                stage,
                file + ": ONNX Runtime failed with " + OrtMessage.of(e) + "; send the prompt again",
                isOfDevice(e) ? new DeviceFaultException(e) : e);
    }

    /** Returns whether an error is a lack of memory. */
    static boolean isNoMemory(OrtException e) {
        return NO_MEMORY.matcher(String.valueOf(e.getMessage())).find();
    }

    /** Returns whether an error is of the GPU or its libraries, and not of the request. */
    static boolean isOfDevice(OrtException e) {
        return DEVICE.matcher(String.valueOf(e.getMessage())).find() && !isNoMemory(e);
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
