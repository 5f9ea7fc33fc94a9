package io.zoetrope.tensorrt;

/**
 * CUDA and TensorRT in this process.
 *
 * @param cuda CUDA's calls
 * @param tensorRt TensorRT's calls
 * @param log the lines that TensorRT logs
 * @param bindingVersion the version of TensorRT that the binding was made for: 10 000 major + 100 minor + patch
 */
record Libraries(Cuda cuda, TensorRt tensorRt, TensorRtLog log, int bindingVersion) {
    /**
     * Checks that a GPU can be used, before any other call. Without a device TensorRT returns pointers that crash the
     * process when they are used, and another version has its functions elsewhere.
     *
     * @throws IllegalStateException if there is no such device, or TensorRT has another version
     */
    void requireDevice(int device) {
        int count;
        try {
            count = cuda.deviceCount();
        } catch (CudaFault e) {
            throw new IllegalStateException(
                    unusable(device) + "CUDA finds no device, " + e.getMessage()
                            + "; check with nvidia-smi that the driver runs, and in a container start it with --gpus all",
                    e);
        }
        if (device >= count) {
            throw new IllegalStateException(unusable(device) + "CUDA lists " + count
                    + " devices, with indices from 0; choose one of them with --devices");
        }
        int version = tensorRt.version();
        if (version != bindingVersion) {
            throw new IllegalStateException(unusable(device) + "expected TensorRT " + text(bindingVersion)
                    + ", for which the binding was made, the loaded library is " + text(version)
                    + "; install " + text(bindingVersion) + ", or choose --provider tensorrt");
        }
    }

    private static String unusable(int device) {
        return "provider tensorrt-engine on cuda:" + device + ": ";
    }

    /** Returns a version as text: {@code 10.15.1}. */
    static String text(int version) {
        return version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
    }
}
