package io.zoetrope.natives;

/** The settings of JavaCPP, which the bindings of FFmpeg, CUDA and TensorRT share. */
public final class JavaCppSettings {
    private JavaCppSettings() {}

    /**
     * Sets them. Call it before JavaCPP's first use.
     *
     * @throws IllegalStateException if another user can write to the folder that the operator has set
     */
    public static void apply() {
        // Without this, JavaCPP refuses to allocate once the process, models included, exceeds the heap's limit.
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        NativeFolder.use("org.bytedeco.javacpp.cachedir", "javacpp");
    }
}
