package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.BuilderFlag;
import org.bytedeco.tensorrt.global.nvinfer.ExecutionContextAllocationStrategy;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.NetworkDefinitionCreationFlag;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvinfer.IRuntime;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.jspecify.annotations.Nullable;

/** Passes the calls on to TensorRT. */
final class BytedecoTensorRt implements TensorRt {
    private final TensorRtLog lines;
    private final Log log;
    private final NativeDelete<IBuilder> builders;
    private final NativeDelete<INetworkDefinition> networks;
    private final NativeDelete<IBuilderConfig> configs;
    private final NativeDelete<IHostMemory> memories;
    private final NativeDelete<IRuntime> runtimes;
    private final NativeDelete<ICudaEngine> engines;
    private final NativeDelete<IExecutionContext> contexts;

    BytedecoTensorRt(TensorRtLog lines) {
        this.lines = lines;
        log = new Log(lines);
        builders = new NativeDelete<>(new IBuilder());
        networks = new NativeDelete<>(new INetworkDefinition());
        configs = new NativeDelete<>(new IBuilderConfig());
        memories = new NativeDelete<>(new IHostMemory());
        runtimes = new NativeDelete<>(new IRuntime());
        engines = new NativeDelete<>(new ICudaEngine());
        contexts = new NativeDelete<>(new IExecutionContext());
    }

    /** TensorRT's logger, which lives as long as the process. */
    private static final class Log extends ILogger {
        private final TensorRtLog lines;

        Log(TensorRtLog lines) {
            this.lines = lines;
        }

        @Override
        public void log(ILogger.Severity severity, String text) {
            lines.add(
                    switch (severity.intern()) {
                        case kINTERNAL_ERROR, kERROR -> TensorRtLog.Severity.ERROR;
                        case kWARNING -> TensorRtLog.Severity.WARNING;
                        case kINFO -> TensorRtLog.Severity.INFO;
                        case kVERBOSE -> TensorRtLog.Severity.VERBOSE;
                    },
                    text);
        }
    }

    /** A serialized engine in memory that TensorRT or this class has allocated. */
    private record NativePlan(long address, long bytes, Runnable freed) implements Plan {
        @Override
        public void read(long offset, ByteBuffer target) {
            target.put(part(offset, target.remaining()));
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            part(offset, source.remaining()).put(source);
        }

        private ByteBuffer part(long offset, int length) {
            Objects.checkFromIndexSize(offset, length, bytes);
            return new BytePointer(new Address(address + offset))
                    .capacity(length)
                    .asByteBuffer();
        }

        @Override
        public void close() {
            freed.run();
        }
    }

    @Override
    public int version() {
        return nvinfer.getInferLibVersion();
    }

    @Override
    public Plan build(EngineRequest request) {
        IBuilder builder = require(nvinfer.createInferBuilder(log), "createInferBuilder");
        try {
            int flags = request.precision() == EnginePrecision.AS_EXPORTED
                    ? 1 << NetworkDefinitionCreationFlag.kSTRONGLY_TYPED.value
                    : 0;
            INetworkDefinition network = require(builder.createNetworkV2(flags), "createNetworkV2");
            try {
                parse(network, request);
                return build(builder, network, request);
            } finally {
                networks.delete(network.address());
            }
        } finally {
            builders.delete(builder.address());
        }
    }

    /** Reads the file. The bindings have no way to delete a parser: it stays, with the weights of the file. */
    private void parse(INetworkDefinition network, EngineRequest request) {
        IParser parser = require(nvonnxparser.createParser(network, log), "createParser");
        if (!parser.parseFromFile(request.file().toString(), ILogger.Severity.kWARNING.value)) {
            throw new UnreadableGraphException(IntStream.range(0, parser.getNbErrors())
                    .mapToObj(parser::getError)
                    .map(error -> "node " + error.node() + " (" + error.nodeOperator() + "): " + error.desc())
                    .collect(Collectors.joining(" | ")));
        }
    }

    @SuppressWarnings(
            "deprecation") // TensorRT prefers graphs that were exported in the lower precision; 11 has no flags
    private Plan build(IBuilder builder, INetworkDefinition network, EngineRequest request) {
        IBuilderConfig config = require(builder.createBuilderConfig(), "createBuilderConfig");
        try {
            if (request.scratchBytes() > 0) {
                config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, request.scratchBytes());
            }
            switch (request.precision()) {
                case AS_EXPORTED, TF32 -> {} // the network's own types; TF32 is TensorRT's default
                case FLOAT32 -> config.clearFlag(BuilderFlag.kTF32);
                case FLOAT16 -> config.setFlag(BuilderFlag.kFP16);
                case BFLOAT16 -> config.setFlag(BuilderFlag.kBF16);
            }
            for (Profile profile : request.profiles()) {
                add(profile, builder, config);
            }
            IHostMemory plan = require(builder.buildSerializedNetwork(network, config), "buildSerializedNetwork");
            long address = plan.address();
            return new NativePlan(plan.data().address(), plan.size(), () -> memories.delete(address));
        } finally {
            configs.delete(config.address());
        }
    }

    private static void add(Profile profile, IBuilder builder, IBuilderConfig config) {
        if (profile.inputs().isEmpty() && profile.values().isEmpty()) {
            return; // a network of one shape has a profile of its own
        }
        IOptimizationProfile added = require(builder.createOptimizationProfile(), "createOptimizationProfile");
        profile.inputs().forEach((input, shapes) -> {
            set(added, input, OptProfileSelector.kMIN, shapes.smallest());
            set(added, input, OptProfileSelector.kOPT, shapes.optimal());
            set(added, input, OptProfileSelector.kMAX, shapes.largest());
        });
        profile.values().forEach((input, value) -> {
            for (OptProfileSelector selector : OptProfileSelector.values()) {
                require(added.setShapeValuesV2(input, selector, new long[] {value}, 1), "setShapeValuesV2 " + input);
            }
        });
        require(config.addOptimizationProfile(added) >= 0, "addOptimizationProfile " + profile);
    }

    private static void set(IOptimizationProfile profile, String input, OptProfileSelector selector, List<Long> shape) {
        try (Dims64 dimensions = dimensions(shape)) {
            require(profile.setDimensions(input, selector, dimensions), "setDimensions " + input);
        }
    }

    private static Dims64 dimensions(List<Long> shape) {
        Dims64 dimensions = new Dims64().nbDims(shape.size());
        for (int axis = 0; axis < shape.size(); axis++) {
            dimensions.d(axis, shape.get(axis));
        }
        return dimensions;
    }

    @Override
    public Plan allocatePlan(long bytes) {
        Pointer memory = Pointer.malloc(bytes);
        if (memory == null || memory.isNull()) {
            throw new OutOfMemoryError("no memory on the host for an engine of " + bytes + " bytes");
        }
        return new NativePlan(memory.address(), bytes, () -> Pointer.free(memory));
    }

    @Override
    public long createRuntime() {
        long mark = lines.mark();
        long runtime =
                require(nvinfer.createInferRuntime(log), "createInferRuntime").address();
        // If it cannot use CUDA, it still returns an address, which is that of nothing.
        require(lines.since(mark).isEmpty(), "createInferRuntime");
        return runtime;
    }

    @Override
    public void destroyRuntime(long runtime) {
        runtimes.delete(runtime);
    }

    @Override
    public long deserialize(long runtime, Plan plan) {
        return require(
                        new IRuntime(new Address(runtime))
                                .deserializeCudaEngine(new Address(((NativePlan) plan).address()), plan.bytes()),
                        "deserializeCudaEngine")
                .address();
    }

    @Override
    public void destroyEngine(long engine) {
        engines.delete(engine);
    }

    @Override
    public List<String> tensors(long engine) {
        ICudaEngine open = engine(engine);
        return IntStream.range(0, open.getNbIOTensors())
                .mapToObj(open::getIOTensorName)
                .map(name -> (open.getTensorIOMode(name).intern() == TensorIOMode.kINPUT ? "input " : "output ") + name
                        + " " + type(open.getTensorDataType(name).intern()))
                .sorted()
                .toList();
    }

    private static String type(nvinfer.DataType type) {
        return switch (type) {
            case kFLOAT -> "float32";
            case kINT64 -> "int64";
            case kUINT8 -> "uint8";
            default -> type.name().substring(1).toLowerCase(Locale.ROOT);
        };
    }

    private static ICudaEngine engine(long engine) {
        return new ICudaEngine(new Address(engine));
    }

    private static IExecutionContext context(long context) {
        return new IExecutionContext(new Address(context));
    }

    private static CUstream_st stream(long stream) {
        return new CUstream_st(new Address(stream));
    }

    @Override
    public long createContext(long engine, int profile, long stream) {
        IExecutionContext context = require(
                engine(engine).createExecutionContext(ExecutionContextAllocationStrategy.kUSER_MANAGED),
                "createExecutionContext");
        if (!context.setOptimizationProfileAsync(profile, stream(stream))) {
            contexts.delete(context.address());
            throw new TensorRtFault("setOptimizationProfileAsync " + profile);
        }
        return context.address();
    }

    @Override
    public void destroyContext(long context) {
        contexts.delete(context);
    }

    @Override
    public void setShape(long context, String input, List<Long> shape) {
        try (Dims64 dimensions = dimensions(shape)) {
            require(context(context).setInputShape(input, dimensions), "setInputShape " + input + " " + shape);
        }
    }

    @Override
    public long scratchBytes(long context) {
        return context(context).updateDeviceMemorySizeForShapes();
    }

    @Override
    public void setScratch(long context, long address, long bytes) {
        context(context).setDeviceMemoryV2(new Address(address), bytes);
    }

    @Override
    public void setAddress(long context, String tensor, long address) {
        require(context(context).setTensorAddress(tensor, new Address(address)), "setTensorAddress " + tensor);
    }

    @Override
    public void setHostAddress(long context, String tensor, ByteBuffer pinned) {
        require(context(context).setTensorAddress(tensor, new BytePointer(pinned)), "setTensorAddress " + tensor);
    }

    @Override
    public void enqueue(long context, long stream) {
        require(context(context).enqueueV3(stream(stream)), "enqueueV3");
    }

    private static <T extends Pointer> T require(@Nullable T created, String call) {
        if (created == null || created.isNull()) {
            throw new TensorRtFault(call);
        }
        return created;
    }

    private static void require(boolean succeeded, String call) {
        if (!succeeded) {
            throw new TensorRtFault(call);
        }
    }
}
