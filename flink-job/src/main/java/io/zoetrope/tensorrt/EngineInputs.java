package io.zoetrope.tensorrt;

import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The inputs of one run of a graph. Those from the host are written to page-locked memory and copied from there; those
 * that are on the device already are copied there. A run writes each input as a whole.
 */
final class EngineInputs {
    /** A copy of numbers on the device into an input. */
    private record Copy(long target, DeviceFloats source) {}

    private final GpuSession session;
    private final GraphFile graph;
    private final Map<String, GrowingMemory> memory = new HashMap<>();
    private final Set<String> onHost;
    private final Set<String> written = new HashSet<>();
    private final List<Copy> copies = new ArrayList<>();
    private Axes axes = Axes.ofText(0, 0);

    /**
     * Creates the inputs of a graph.
     *
     * @param onHost the inputs that TensorRT reads on the host
     */
    EngineInputs(GpuSession session, GraphFile graph, Set<String> onHost) {
        this.session = session;
        this.graph = graph;
        this.onHost = onHost;
        graph.inputs().keySet().forEach(name -> memory.put(name, new GrowingMemory(session)));
    }

    /** Makes room for a run. */
    void start(Axes ofRun) {
        axes = ofRun;
        written.clear();
        copies.clear();
        for (String name : graph.inputs().keySet()) {
            if (!onHost.contains(name)) {
                memory(name).onDevice(size(name));
            }
        }
    }

    boolean has(String name) {
        return memory.containsKey(name);
    }

    /** Returns the values of a float32 input, for the caller to write; undefined until then. */
    FloatBuffer floats(String name) {
        return pinned(name, DataType.FLOAT32).asFloatBuffer();
    }

    /** Returns the values of an int64 input, for the caller to write; undefined until then. */
    LongBuffer longs(String name) {
        return pinned(name, DataType.INT64).asLongBuffer();
    }

    /** Returns the values of a uint8 input, for the caller to write; undefined until then. */
    ByteBuffer bytes(String name) {
        return pinned(name, DataType.UINT8);
    }

    /** Fills a row of a mask with a one per token, then with a zero per padding token. */
    void mask(String name, int row, int tokens) {
        LongBuffer mask = longs(name);
        for (int i = 0; i < axes.length(); i++) {
            mask.put(row * axes.length() + i, i < tokens ? 1 : 0);
        }
    }

    /**
     * Writes numbers of a float32 input: without a way over the host if they are on this device.
     *
     * @param offset the index of the first number
     */
    void put(String name, int offset, FloatMemory numbers) {
        if (numbers instanceof DeviceFloats device && device.isOn(session.device())) {
            copies.add(new Copy(memory(name).onDevice(size(name)) + (long) offset * Float.BYTES, device));
        } else {
            floats(name).put(offset, numbers.floats(), 0, numbers.size() / Float.BYTES);
        }
    }

    /** Enqueues the copies of what was written. */
    void upload() {
        for (String name : graph.inputs().keySet()) { // whole inputs first: rows on the device replace parts of them
            if (written.contains(name) && !onHost.contains(name)) {
                int bytes = size(name);
                GrowingMemory input = memory(name);
                session.cuda().upload(input.onDevice(bytes), input.onHost(bytes), bytes, session.stream());
            }
        }
        for (Copy copy : copies) {
            session.cuda()
                    .copy(copy.target(), copy.source().address(), copy.source().size(), session.stream());
        }
    }

    /** Returns what a context has to be set to for this run. */
    EngineContext.Setup setup(String output, long outputAddress) {
        Map<String, List<Long>> shapes = new HashMap<>();
        Map<String, Long> addresses = new HashMap<>(Map.of(output, outputAddress));
        Map<String, EngineContext.Pinned> host = new HashMap<>();
        graph.inputs().forEach((name, tensor) -> {
            shapes.put(name, Profile.shape(tensor, axes));
            if (onHost.contains(name)) {
                host.put(name, new EngineContext.Pinned(memory(name).onHost(size(name))));
            } else {
                addresses.put(name, memory(name).onDevice(size(name)));
            }
        });
        return new EngineContext.Setup(shapes, addresses, host);
    }

    private ByteBuffer pinned(String name, DataType type) {
        TensorSpec tensor = tensor(name);
        if (tensor.dtype() != type) {
            throw new IllegalArgumentException(graph.file().file() + ": input " + name + " is " + tensor
                    + ", but the stage writes " + type + "; export the bundle again");
        }
        written.add(name);
        int bytes = size(name);
        return memory(name).onHost(bytes).slice(0, bytes).order(ByteOrder.nativeOrder());
    }

    private TensorSpec tensor(String name) {
        return Objects.requireNonNull(graph.inputs().get(name), name);
    }

    private GrowingMemory memory(String name) {
        return Objects.requireNonNull(memory.get(name), name);
    }

    private int size(String name) {
        return Math.toIntExact(tensor(name).bytes(axes));
    }

    /** Frees the memory; no run is in progress. */
    void close(Closing closing) {
        memory.values().forEach(input -> input.close(closing));
    }
}
