package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Flow;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Noise;
import io.zoetrope.generate.NoiseLevel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A flow whose latents are on a GPU. Only noise is copied there: it comes from Java, and is equal on every machine. */
final class DeviceFlow implements Flow {
    private final EngineGraph graph;
    private final LatentShape shape;
    private final List<Condition> conditions;
    private final long[] seeds;
    private final BufferPool buffers;
    private final DeviceFloats latents;

    private DeviceFlow(
            EngineGraph graph,
            LatentShape shape,
            List<Condition> conditions,
            long[] seeds,
            BufferPool buffers,
            DeviceFloats latents) {
        this.graph = graph;
        this.shape = shape;
        this.conditions = conditions;
        this.seeds = seeds;
        this.buffers = buffers;
        this.latents = latents;
    }

    /**
     * Starts a batch from noise.
     *
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions
     */
    static DeviceFlow fromNoise(
            TensorRtGenerator generator,
            LatentShape shape,
            List<Condition> conditions,
            long[] seeds,
            BufferPool buffers) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        EngineGraph graph = generator.graph();
        DeviceFloats latents = noise(graph, seeds, Noise.INITIAL, shape, buffers);
        return new DeviceFlow(graph, shape, conditions, seeds, buffers, latents);
    }

    /** Returns noise on the device, for the caller to close. */
    private static DeviceFloats noise(
            EngineGraph graph, long[] seeds, int stream, LatentShape shape, BufferPool buffers) {
        try (LatentBatch noise = Noise.latents(seeds, stream, shape, buffers)) {
            return graph.run(() -> upload(graph.session(), noise));
        }
    }

    private static DeviceFloats upload(GpuSession session, LatentBatch numbers) {
        int bytes = numbers.values().capacity() * Float.BYTES;
        ByteBuffer pinned = session.staging(bytes);
        pinned.slice(0, bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().put(numbers.values());
        DeviceFloats memory = session.take(bytes);
        try {
            session.cuda().upload(memory.address(), pinned, bytes, session.stream());
            session.synchronize();
            return memory;
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    @Override
    public void scale(float factor) {
        if (factor == 1) {
            return;
        }
        graph.run(() -> {
            GpuSession session = graph.session();
            session.cuda().scale(latents.address(), latents.count(), factor, session.stream());
            session.synchronize();
            return true;
        });
    }

    @Override
    public void moveAlongVelocity(Generator generator, NoiseLevel level, float distance) {
        if (!(generator instanceof TensorRtGenerator onDevice)
                || !latents.isOn(onDevice.graph().session().device())) {
            throw new IllegalArgumentException(
                    "sampler: expected generators of one provider on one device, got " + generator);
        }
        onDevice.addVelocity(latents, shape, level, conditions, distance);
    }

    @Override
    public void addNoise(float sigma, int stream) {
        try (DeviceFloats noise = noise(graph, seeds, stream, shape, buffers)) {
            graph.run(() -> {
                GpuSession session = graph.session();
                session.cuda().scale(latents.address(), latents.count(), 1 - sigma, session.stream());
                session.cuda().addScaled(latents.address(), noise.address(), noise.count(), sigma, session.stream());
                session.synchronize();
                return true;
            });
        }
    }

    @Override
    public List<Latents> takeClips() {
        return latents.split(seeds.length).stream()
                .map(clip -> new Latents(clip, shape))
                .toList();
    }

    @Override
    public void close() {
        latents.close();
    }
}
