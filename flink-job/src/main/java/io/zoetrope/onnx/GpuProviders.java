package io.zoetrope.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.Provider;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.natives.LinkerPath;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds GPUs to the options of a session, and explains why one cannot be used. */
public final class GpuProviders {
    private static final Logger LOG = LoggerFactory.getLogger(GpuProviders.class);

    /** The model y = ConstantOfShape(n), in base64. Its session needs the GPU itself, and no kernel of a library. */
    private static final String SMALLEST_MODEL =
            "CAg6PwoXCgFuEgF5Ig9Db25zdGFudE9mU2hhcGUSAWdaDwoBbhIKCggIBxIECgIIAWIQCgF5EgsKCQgBEgUKAxIBTkIECgAQEQ==";

    private GpuProviders() {}

    /**
     * Returns why this process cannot use a GPU; empty if it can. Loads the provider's libraries, and opens a session on
     * the GPU.
     *
     * @throws NativeLibraryException if ONNX Runtime cannot be loaded on this machine
     */
    public static Optional<String> fault(ExecutionProvider.Gpu gpu) {
        OnnxNatives.unpack();
        try {
            // Without an environment there is no logger, and its absence would be the message of every fault.
            openSession(gpu, OrtEnvironment.getEnvironment());
            return cudnnFault(gpu, LinkerPath.ofProcess(System.getenv()));
        } catch (OrtException e) {
            return Optional.of(unusable(gpu, e));
        } catch (LinkageError e) {
            throw new NativeLibraryException("ONNX Runtime", e);
        }
    }

    private static void openSession(ExecutionProvider.Gpu gpu, OrtEnvironment environment) throws OrtException {
        try (OrtSession.SessionOptions cuda = new OrtSession.SessionOptions();
                OrtSession.SessionOptions tensorRt = new OrtSession.SessionOptions()) {
            if (gpu.provider() == Provider.TENSORRT) {
                addTensorRt(tensorRt, Map.of("device_id", Integer.toString(gpu.index())));
            }
            addCuda(cuda, ProviderOptions.cuda(gpu));
            environment
                    .createSession(Base64.getDecoder().decode(SMALLEST_MODEL), cuda)
                    .close();
        }
    }

    /** Returns why convolutions would fail: ONNX Runtime loads cuDNN at the first one, and a session opens without it. */
    static Optional<String> cudnnFault(ExecutionProvider.Gpu gpu, Predicate<String> exists) {
        List<String> missing = GpuLibrary.CUDNN.missing(exists);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(unusable(gpu, "convolutions need cuDNN", true, missing));
    }

    /**
     * Adds a GPU to a graph's session options.
     *
     * @throws IllegalStateException if this process cannot use it
     */
    static void add(OrtSession.SessionOptions options, ExecutionProvider.Gpu gpu, ModelBundle bundle, GraphFile graph)
            throws OrtException {
        // Several CUDA sessions in one process leak memory with patterns: microsoft/onnxruntime issue 29351.
        // A model has at least three sessions, and its shapes vary.
        options.setMemoryPatternOptimization(false);
        options.setDeterministicCompute(true);
        // The environment has to exist first: it has the logger that reports why a provider cannot be loaded.
        String runtime = OrtEnvironment.getEnvironment().getVersion();
        try {
            if (gpu.provider() == Provider.TENSORRT) {
                ProfileShapes shapes = ProfileShapes.of(graph, bundle.manifest(), gpu.batchMax());
                Optional<Path> cache = EngineCache.folder(gpu, graph, bundle.digest(), runtime, shapes);
                cache.ifPresent(EngineCache::create);
                logBuild(graph, cache);
                addTensorRt(options, ProviderOptions.tensorRt(gpu, shapes, cache.map(Path::toString)));
            }
            addCuda(options, ProviderOptions.cuda(gpu));
        } catch (OrtException e) {
            throw new IllegalStateException(unusable(gpu, e), e);
        }
    }

    private static void logBuild(GraphFile graph, Optional<Path> cache) {
        String file = graph.file().file();
        if (cache.isPresent() && EngineCache.isFilled(cache.get())) {
            LOG.info("{}: TensorRT's engines are in {}", file, cache.get());
        } else {
            LOG.info(
                    "{}: TensorRT builds engines for this GPU now, which can take minutes; {}",
                    file,
                    cache.map(folder -> "the next start finds them in " + folder)
                            .orElse("each start builds them again; set engine-cache to a folder that outlives the"
                                    + " process"));
        }
    }

    private static void addCuda(OrtSession.SessionOptions options, Map<String, String> values) throws OrtException {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions()) {
            for (Map.Entry<String, String> value : values.entrySet()) {
                cuda.add(value.getKey(), value.getValue());
            }
            options.addCUDA(cuda);
        }
    }

    private static void addTensorRt(OrtSession.SessionOptions options, Map<String, String> values) throws OrtException {
        try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions()) {
            for (Map.Entry<String, String> value : values.entrySet()) {
                tensorRt.add(value.getKey(), value.getValue());
            }
            options.addTensorrt(tensorRt);
        }
    }

    /** Returns the error for a GPU that this process cannot use. */
    static String unusable(ExecutionProvider.Gpu gpu, OrtException fault) {
        return unusable(
                gpu,
                "its message is: " + OrtMessage.of(fault),
                OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA),
                GpuLibrary.missing(gpu.provider(), LinkerPath.ofProcess(System.getenv())));
    }

    /**
     * Returns the error for a GPU that a process cannot use.
     *
     * @param reason why ONNX Runtime cannot use the GPU
     * @param gpuBuild whether ONNX Runtime is its GPU build
     * @param missing the libraries that the machine lacks
     */
    static String unusable(ExecutionProvider.Gpu gpu, String reason, boolean gpuBuild, List<String> missing) {
        StringBuilder text = new StringBuilder()
                .append(gpu)
                .append(": ONNX Runtime cannot use it here: ")
                .append(reason);
        if (!gpuBuild) {
            text.append(
                            "; the ONNX Runtime on the class path is the build for CPUs: put onnxruntime_gpu in the place of")
                    .append(" onnxruntime (ZOETROPE_GPU=1 ./zoetrope does)");
        }
        if (!missing.isEmpty()) {
            text.append("; not found on this machine: ").append(String.join(", ", missing));
        }
        if (gpuBuild && missing.isEmpty()) {
            text.append("; its libraries are there: check with nvidia-smi that the driver runs and lists GPU ")
                    .append(gpu.index());
        }
        return text.append("; docs/gpu.md says how to get what is missing; or choose --provider cpu")
                .toString();
    }
}
