package io.zoetrope.tensorrt;

import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.natives.NativeFolder;
import org.bytedeco.tensorrt.global.nvinfer;

/** CUDA and TensorRT through the JavaCPP bindings {@code org.bytedeco:cuda} and {@code org.bytedeco:tensorrt}. */
final class BytedecoLibraries {
    private BytedecoLibraries() {}

    /**
     * Returns the libraries, which are loaded with their first call.
     *
     * @throws NativeLibraryException if they cannot be loaded on this machine
     */
    static Libraries open() {
        NativeFolder.use("org.bytedeco.javacpp.cachedir", "javacpp");
        try {
            TensorRtLog log = new TensorRtLog();
            return new Libraries(new BytedecoCuda(), new BytedecoTensorRt(log), log, bindingVersion());
        } catch (LinkageError e) {
            throw new NativeLibraryException("CUDA 13 or TensorRT " + Libraries.text(bindingVersion()), e);
        }
    }

    /** Returns the version of the headers that the binding was made from. The compiler writes the numbers here. */
    private static int bindingVersion() {
        return 10_000 * nvinfer.NV_TENSORRT_MAJOR + 100 * nvinfer.NV_TENSORRT_MINOR + nvinfer.NV_TENSORRT_PATCH;
    }
}
