package io.zoetrope.tensorrt;

/** An ONNX file that TensorRT's parser refuses. */
final class UnreadableGraphException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param errors the parser's errors
     */
    UnreadableGraphException(String errors) {
        super(errors);
    }
}
