package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Devices, CUDA and TensorRT in virtual time. Work on a stream is done when something waits for it, so that memory that is
 * read, changed or freed too early shows. What breaks the rules of the libraries, where the real ones would crash or give
 * other results, is recorded.
 */
final class FakeGpu implements Cuda, TensorRt {
    static final int VERSION = 10_15_01;

    /** What the code above the ports did wrong. */
    final List<String> broken = new ArrayList<>();
    /** The calls that built engines, as file names. */
    final List<String> builds = new ArrayList<>();

    final TensorRtLog log = new TensorRtLog();
    final FakeMemory memory = new FakeMemory(broken);
    final FakeHandles handles = new FakeHandles(broken);
    /** Called before each call that can fail, with its name; throws to make it fail. */
    volatile Consumer<String> onCall = call -> {};

    int version = VERSION;
    int devices;
    String product = "Fake GPU";
    long launches;
    long captures;
    long downloadedBytes;
    boolean capturable = true;
    int batchMax = 4;

    private final Manifest manifest;
    private final ThreadLocal<Integer> used = ThreadLocal.withInitial(() -> -1);
    private final Set<Integer> lost = new HashSet<>();
    private boolean deviceSought;
    private boolean versionRead;
    private long now;

    private static final class Stream {
        private final Deque<Runnable> work = new ArrayDeque<>();
        private @Nullable List<Runnable> captured;
    }

    private record Engine(FakeGraph graph, List<Profile> profiles) {}

    private static final class Context {
        private final Engine engine;
        private final Profile profile;
        private final Map<String, List<Long>> shapes = new HashMap<>();
        private final Map<String, Long> addresses = new HashMap<>();
        private final Map<String, ByteBuffer> onHost = new HashMap<>();
        private long scratch;
        private long scratchBytes;
        private boolean ran;

        Context(Engine engine, Profile profile) {
            this.engine = engine;
            this.profile = profile;
        }
    }

    private final class FakePlan implements Plan {
        private final byte[] content;
        private final long handle;

        FakePlan(byte[] content) {
            this.content = content;
            handle = handles.create("plan", 0, 0, this);
        }

        @Override
        public long bytes() {
            return content.length;
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            target.put(content, Math.toIntExact(offset), target.remaining());
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            source.get(content, Math.toIntExact(offset), source.remaining());
        }

        @Override
        public void close() {
            synchronized (FakeGpu.this) { // the lanes of other devices build at the same time
                handles.destroy("plan", handle);
            }
        }
    }

    FakeGpu(int devices, Manifest manifest) {
        this.devices = devices;
        this.manifest = manifest;
    }

    Libraries libraries() {
        return new Libraries(this, this, log, VERSION);
    }

    synchronized long nanoTime() {
        return now;
    }

    /** Makes every call on a device fail from now on, as after an illegal memory access. */
    synchronized void lose(int device) {
        lost.add(device);
    }

    /** Returns whether a device is lost. */
    synchronized boolean isLost() {
        return !lost.isEmpty();
    }

    synchronized void repair(int device) {
        lost.remove(device);
    }

    /** Returns what is broken now, leaks included; for after everything was closed. */
    synchronized List<String> brokenAtTheEnd() {
        List<String> all = new ArrayList<>(broken);
        memory.leaks().forEach(all::add);
        handles.leaks().forEach(all::add);
        return all;
    }

    static CudaFault outOfMemory(String call) {
        return new CudaFault(call, "cudaErrorMemoryAllocation: out of memory", true);
    }

    // ---- Cuda

    @Override
    public synchronized int deviceCount() {
        deviceSought = true;
        if (devices == 0) {
            throw new CudaFault("cudaGetDeviceCount", "cudaErrorNoDevice: no CUDA-capable device is detected", false);
        }
        return devices;
    }

    @Override
    public synchronized Gpu describe(int device) {
        return new Gpu(product, 9, 0);
    }

    @Override
    public void use(int device) {
        used.set(device);
        call("cudaSetDevice");
    }

    @Override
    public synchronized long createStream() {
        call("cudaStreamCreate");
        return handles.create("stream", device(), 0, new Stream());
    }

    @Override
    public synchronized void destroyStream(long stream) {
        handles.use("stream", stream, device(), Stream.class)
                .filter(open -> !open.work.isEmpty() && !lost.contains(device()))
                .ifPresent(open -> broken.add("wrong order: a stream with work is destroyed"));
        handles.destroy("stream", stream);
        requireDevice("cudaStreamDestroy");
    }

    @Override
    public synchronized void synchronize(long stream) {
        Stream open = stream(stream);
        if (lost.contains(device())) {
            open.work.clear(); // a lost device never does it
        }
        requireDevice("cudaStreamSynchronize");
        call("cudaStreamSynchronize");
        if (open.captured != null) {
            broken.add("a wait during a capture");
        }
        while (!open.work.isEmpty()) {
            now += 1_000;
            open.work.remove().run();
        }
    }

    @Override
    public synchronized long allocate(long bytes) {
        requireDevice("cudaMalloc");
        call("cudaMalloc");
        return memory.allocate(device(), bytes);
    }

    @Override
    public synchronized void free(long address) {
        memory.free(address, device());
        requireDevice("cudaFree");
    }

    @Override
    public synchronized ByteBuffer allocatePinned(int bytes) {
        call("cudaMallocHost");
        return memory.allocatePinned(bytes);
    }

    @Override
    public synchronized void freePinned(ByteBuffer pinned) {
        memory.freePinned(pinned);
    }

    @Override
    public synchronized void upload(long target, ByteBuffer pinned, long bytes, long stream) {
        int device = device();
        call("cudaMemcpyAsync");
        enqueue(stream, () -> memory.write(target, memory.readPinned(pinned, (int) bytes), device));
    }

    @Override
    public synchronized void download(ByteBuffer pinned, long source, long bytes, long stream) {
        int device = device();
        call("cudaMemcpyAsync");
        downloadedBytes += bytes;
        enqueue(stream, () -> memory.writePinned(pinned, memory.read(source, (int) bytes, device)));
    }

    @Override
    public synchronized void copy(long target, long source, long bytes, long stream) {
        int device = device();
        call("cudaMemcpyAsync");
        enqueue(stream, () -> memory.write(target, memory.read(source, (int) bytes, device), device));
    }

    @Override
    public synchronized void scale(long numbers, long count, float factor, long stream) {
        combine(numbers, numbers, count, 0, factor, stream);
    }

    @Override
    public synchronized void addScaled(long numbers, long others, long count, float factor, long stream) {
        combine(numbers, others, count, 1, factor, stream);
    }

    private void combine(long numbers, long others, long count, float keep, float factor, long stream) {
        int device = device();
        int bytes = (int) count * Float.BYTES;
        enqueue(stream, () -> {
            byte[] result = memory.read(numbers, bytes, device);
            ByteBuffer a = floats(result);
            ByteBuffer b = floats(memory.read(others, bytes, device));
            for (int i = 0; i < bytes; i += Float.BYTES) {
                a.putFloat(i, (keep == 0 ? 0 : a.getFloat(i)) + factor * b.getFloat(i));
            }
            memory.write(numbers, result, device);
        });
    }

    @Override
    public synchronized float sumOfMagnitudes(long numbers, long count, long stream) {
        synchronize(stream);
        ByteBuffer values = floats(memory.read(numbers, (int) count * Float.BYTES, device()));
        float sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.abs(values.getFloat(i * Float.BYTES));
        }
        return sum;
    }

    @Override
    public synchronized void beginCapture(long stream) {
        requireDevice("cudaStreamBeginCapture");
        stream(stream).captured = new ArrayList<>();
    }

    @Override
    public synchronized long endCapture(long stream) {
        Stream open = stream(stream);
        List<Runnable> captured = open.captured == null ? List.of() : open.captured;
        open.captured = null;
        requireDevice("cudaStreamEndCapture");
        call("cudaStreamEndCapture");
        captures++;
        return handles.create("graph", device(), 0, captured);
    }

    @Override
    @SuppressWarnings("unchecked")
    public synchronized void launch(long graph, long stream) {
        call("cudaGraphLaunch");
        handles.use("graph", graph, device(), List.class)
                .ifPresent(work -> work.forEach(item -> enqueue(stream, (Runnable) item)));
        launches++;
    }

    @Override
    public synchronized void destroyGraph(long graph) {
        handles.destroy("graph", graph);
        requireDevice("cudaGraphExecDestroy");
    }

    // ---- TensorRt

    @Override
    public synchronized int version() {
        if (!deviceSought) {
            broken.add("TensorRT is called before a device was found");
        }
        versionRead = true;
        return version;
    }

    @Override
    public synchronized Plan build(EngineRequest request) {
        tensorRt("build");
        builds.add(request.file().getFileName().toString());
        for (int step = 0; step < 5; step++) {
            now += 7_000_000_000L;
            log.add(TensorRtLog.Severity.VERBOSE, "timed kernel " + step);
        }
        FakeGraph graph = FakeGraph.of(manifest, request.file().getFileName().toString());
        return new FakePlan(stamp(graph.graph(), request.profiles()).getBytes(StandardCharsets.UTF_8));
    }

    /** What an engine is good for. It is the content of a plan. */
    private String stamp(GraphFile graph, List<Profile> profiles) {
        return String.join("\n", graph.file().file(), EngineKey.digests(graph), product, version + "", profiles + "");
    }

    @Override
    public synchronized Plan allocatePlan(long bytes) {
        return new FakePlan(new byte[Math.toIntExact(bytes)]);
    }

    @Override
    public synchronized long createRuntime() {
        tensorRt("createInferRuntime");
        return handles.create("runtime", device(), 0, "");
    }

    @Override
    public synchronized void destroyRuntime(long runtime) {
        handles.destroy("runtime", runtime);
    }

    @Override
    public synchronized long deserialize(long runtime, Plan plan) {
        tensorRt("deserializeCudaEngine");
        handles.use("runtime", runtime, device(), String.class);
        byte[] content = new byte[Math.toIntExact(plan.bytes())];
        plan.read(0, ByteBuffer.wrap(content));
        String[] stamp = new String(content, StandardCharsets.UTF_8).split("\n", -1);
        FakeGraph graph = FakeGraph.of(manifest, stamp[0]);
        Profiles profiles = Profiles.of(graph.graph(), manifest, batchMax);
        if (!stamp(graph.graph(), profiles.all()).equals(String.join("\n", stamp))) {
            broken.add("cache poisoned: an engine is loaded that was built for " + Arrays.toString(stamp));
        }
        return handles.create("engine", device(), runtime, new Engine(graph, profiles.all()));
    }

    @Override
    public synchronized void destroyEngine(long engine) {
        handles.destroy("engine", engine);
    }

    @Override
    public synchronized List<String> tensors(long engine) {
        List<String> texts = new ArrayList<>();
        handles.use("engine", engine, device(), Engine.class).ifPresent(open -> {
            open.graph().graph().inputs().forEach((name, tensor) -> texts.add("input " + name + " " + tensor.dtype()));
            open.graph()
                    .graph()
                    .outputs()
                    .forEach((name, tensor) -> texts.add("output " + name + " " + tensor.dtype()));
        });
        return texts;
    }

    @Override
    public synchronized long createContext(long engine, int profile, long stream) {
        tensorRt("createExecutionContext");
        Engine open = handles.use("engine", engine, device(), Engine.class).orElseThrow();
        return handles.create(
                "context", device(), engine, new Context(open, open.profiles().get(profile)));
    }

    @Override
    public synchronized void destroyContext(long context) {
        handles.destroy("context", context);
    }

    @Override
    public synchronized void setShape(long context, String input, List<Long> shape) {
        Context open = context(context);
        Profile.Shapes shapes = open.profile.inputs().get(input);
        if (shapes != null && !shapes.accepts(shape)) {
            broken.add("shape " + shape + " of " + input + " is outside of the profile " + open.profile);
        }
        open.shapes.put(input, shape);
        open.ran = false;
    }

    @Override
    public synchronized long scratchBytes(long context) {
        return context(context).shapes.values().stream()
                .flatMap(List::stream)
                .mapToLong(size -> size * 16)
                .sum();
    }

    @Override
    public synchronized void setScratch(long context, long address, long bytes) {
        context(context).scratch = address;
        context(context).scratchBytes = bytes;
        context(context).ran = false;
    }

    @Override
    public synchronized void setAddress(long context, String tensor, long address) {
        context(context).addresses.put(tensor, address);
        context(context).ran = false;
    }

    @Override
    public synchronized void setHostAddress(long context, String tensor, ByteBuffer pinned) {
        memory.requirePinned(pinned);
        context(context).onHost.put(tensor, pinned);
    }

    @Override
    public void enqueue(long context, long stream) {
        call("enqueueV3"); // without the lock, so that a test can hold one device while another one runs
        enqueueNow(context, stream);
    }

    private synchronized void enqueueNow(long context, long stream) {
        requireDevice("enqueueV3");
        Context open = context(context);
        boolean capturing = stream(stream).captured != null;
        if (capturing && !open.ran) {
            broken.add("a run is captured before the same run was done once");
        }
        if (capturing && !capturable) {
            throw new TensorRtFault("enqueueV3");
        }
        if (scratchBytes(context) > open.scratchBytes) {
            broken.add("too little scratch memory: " + open.scratchBytes + " of " + scratchBytes(context));
        }
        open.ran = true;
        FakeGraph graph = open.engine.graph();
        Axes axes = graph.axes(open.shapes);
        TreeMap<String, Long> addresses = new TreeMap<>(open.addresses);
        long scratch = open.scratch;
        int scratchBytes = Math.toIntExact(open.scratchBytes);
        int device = device();
        enqueue(stream, () -> {
            TreeMap<String, byte[]> inputs = new TreeMap<>();
            graph.graph()
                    .inputs()
                    .forEach((name, tensor) -> inputs.put(
                            name,
                            memory.read(
                                    Objects.requireNonNull(addresses.get(name), name),
                                    (int) tensor.bytes(axes),
                                    device)));
            byte[] noise = new byte[scratchBytes];
            Arrays.fill(noise, (byte) 0xA5);
            memory.write(scratch, noise, device);
            memory.write(
                    Objects.requireNonNull(addresses.get(graph.graph().output().getKey())),
                    graph.run(axes.batch(), inputs, axes),
                    device);
        });
    }

    private void enqueue(long stream, Runnable work) {
        Stream open = stream(stream);
        if (open.captured != null) {
            open.captured.add(work);
        } else {
            open.work.add(work);
        }
    }

    private Stream stream(long stream) {
        return handles.use("stream", stream, device(), Stream.class).orElseGet(Stream::new);
    }

    private Context context(long context) {
        return handles.use("context", context, device(), Context.class).orElseThrow();
    }

    private void tensorRt(String call) {
        if (!versionRead) {
            broken.add(call + " is called before the version was compared");
        }
        requireDevice(call);
        call(call);
    }

    private void call(String call) {
        onCall.accept(call);
    }

    private void requireDevice(String call) {
        if (lost.contains(device())) {
            throw new CudaFault(call, "cudaErrorIllegalAddress: an illegal memory access was encountered", false);
        }
    }

    private int device() {
        return used.get();
    }

    private static ByteBuffer floats(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
