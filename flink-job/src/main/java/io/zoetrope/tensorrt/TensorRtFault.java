package io.zoetrope.tensorrt;

/** A call of TensorRT that failed. TensorRT gives no reason but the lines of its log. */
final class TensorRtFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates a fault of the named call. */
    TensorRtFault(String call) {
        super(call + " failed");
    }
}
