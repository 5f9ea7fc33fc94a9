package io.zoetrope.tensorrt;

/** An error of CUDA or cuBLAS. */
final class CudaFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outOfMemory;

    /**
     * Creates a fault.
     *
     * @param call the call that reported it
     * @param error CUDA's name and text of the error
     * @param outOfMemory whether the device or the host has too little memory
     */
    CudaFault(String call, String error, boolean outOfMemory) {
        super(call + ": " + error);
        this.outOfMemory = outOfMemory;
    }

    boolean isOutOfMemory() {
        return outOfMemory;
    }
}
