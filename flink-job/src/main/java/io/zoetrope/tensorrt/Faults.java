package io.zoetrope.tensorrt;

import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.util.List;
import java.util.regex.Pattern;

/** Turns faults of CUDA and TensorRT into the exceptions of stages. */
final class Faults {
    /** Lines of TensorRT's log that report a lack of memory; it has no error code for that. */
    private static final Pattern NO_MEMORY =
            Pattern.compile("out of memory|OutOfMemory|bad_alloc|ALLOC(ATION)?_FAILED", Pattern.CASE_INSENSITIVE);

    private final TensorRtLog log;

    Faults(TensorRtLog log) {
        this.log = log;
    }

    /**
     * Returns the failure of a request whose run met a fault. A fault that is no lack of memory is one of the device: no
     * prompt can cause it, because token ids and shapes are checked before a run.
     *
     * @param mark the log's mark before the run
     */
    RequestException ofRun(RuntimeException fault, String stage, String file, long mark) {
        String message = message(fault, mark);
        if (isNoMemory(fault, mark)) {
            return new RequestException(
                    FailureCode.OUT_OF_MEMORY,
                    stage,
                    file + ": no memory for this batch, " + message
                            + "; send the prompt again, or make batches smaller",
                    fault);
        }
        return new RequestException(
                FailureCode.INFERENCE_FAILED,
                stage,
                file + ": TensorRT failed with " + message + "; send the prompt again",
                new DeviceFaultException(fault));
    }

    /**
     * Returns the exception for a graph that cannot be opened on a GPU; the bundle is not at fault.
     *
     * @param mark the log's mark before the opening
     */
    IllegalStateException ofOpening(RuntimeException fault, String file, int device, long mark) {
        String remedy = isNoMemory(fault, mark)
                ? "; give it a GPU with more memory, or limit gpu-session-memory and batch-max"
                : "; check with nvidia-smi that the driver runs and lists GPU " + device;
        return new IllegalStateException(
                file + ": provider tensorrt-engine on cuda:" + device + ": TensorRT cannot open it, "
                        + message(fault, mark) + remedy,
                fault);
    }

    private boolean isNoMemory(RuntimeException fault, long mark) {
        return fault instanceof CudaFault cuda
                ? cuda.isOutOfMemory()
                : log.since(mark).stream()
                        .anyMatch(line -> NO_MEMORY.matcher(line).find());
    }

    /** Returns what the call and TensorRT's log say. */
    private String message(RuntimeException fault, long mark) {
        List<String> lines = log.since(mark);
        return fault.getMessage() + (lines.isEmpty() ? "" : ", its log says: " + String.join(" | ", lines));
    }
}
