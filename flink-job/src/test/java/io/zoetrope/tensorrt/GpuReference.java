package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Noise;
import io.zoetrope.generate.Schedule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The results that requests must have, computed one by one on the host from what fake engines compute. */
final class GpuReference {
    static final LatentShape SHAPE = new LatentShape(2, 2, 2, 2);
    private static final BufferPool BUFFERS = new BufferPool(0);

    private final Manifest manifest;

    GpuReference(Manifest manifest) {
        this.manifest = manifest;
    }

    float[] text(long[] ids, int length) {
        TreeMap<String, byte[]> row = new TreeMap<>();
        row.put("input_ids", bytes(ids));
        row.put("attention_mask", bytes(mask(ids.length, length)));
        row.put("token_type_ids", bytes(new long[ids.length]));
        return floats(row(manifest.textEncoder(), row, ids.length * 4 * Float.BYTES));
    }

    float[] image(byte[] rgb) {
        TreeMap<String, byte[]> row = new TreeMap<>();
        row.put("image", rgb);
        return floats(row(manifest.imageEncoder().orElseThrow(), row, 8 * Float.BYTES));
    }

    byte[] decode(float[] latents) {
        TreeMap<String, byte[]> row = new TreeMap<>();
        row.put("latents", bytes(latents));
        return row(manifest.decoder(), row, 5 * 24 * 16);
    }

    float[] generate(Schedule schedule, long seed, float[] text, int length, Optional<float[]> firstFrame) {
        float[] x = noise(seed, Noise.INITIAL);
        if (schedule.move() != Schedule.Move.TIME_TRAVEL) {
            scale(x, schedule.sigmas().get(0));
        }
        for (int pass = 0; pass < schedule.steps(); pass++) {
            float sigma = schedule.sigmas().get(pass);
            float next = pass + 1 < schedule.steps() ? schedule.sigmas().get(pass + 1) : 0;
            float distance = schedule.move() == Schedule.Move.EULER ? next - sigma : -sigma;
            add(x, distance, velocity(x, schedule.timesteps().get(pass), text, length, firstFrame));
            if (schedule.move() == Schedule.Move.RENOISE && next > 0) {
                scale(x, 1 - next);
                add(x, next, noise(seed, pass + 1));
            }
        }
        return x;
    }

    private float[] velocity(float[] x, float timestep, float[] text, int length, Optional<float[]> firstFrame) {
        TreeMap<String, byte[]> row = new TreeMap<>();
        row.put("latents", bytes(x));
        row.put("timestep", bytes(new float[] {timestep}));
        row.put("text_embedding", bytes(text));
        row.put("text_mask", bytes(mask(text.length / 4, length)));
        row.put("first_frame", bytes(firstFrame.orElse(new float[8])));
        row.put("first_frame_mask", bytes(new float[] {firstFrame.isPresent() ? 1 : 0}));
        return floats(row(manifest.anyGenerator(), row, SHAPE.size() * Float.BYTES));
    }

    private byte[] row(GraphFile graph, SortedMap<String, byte[]> inputs, int bytes) {
        return new FakeGraph(graph, manifest).row(inputs, bytes);
    }

    private static float[] noise(long seed, int stream) {
        try (LatentBatch noise = Noise.latents(new long[] {seed}, stream, SHAPE, BUFFERS)) {
            float[] values = new float[SHAPE.size()];
            noise.values().get(values);
            return values;
        }
    }

    private static void scale(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] = factor * values[i];
        }
    }

    private static void add(float[] values, float factor, float[] others) {
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] + factor * others[i];
        }
    }

    private static long[] mask(int padded, int length) {
        long[] mask = new long[padded];
        Arrays.fill(mask, 0, length, 1);
        return mask;
    }

    private static byte[] bytes(long[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(values);
        return bytes.array();
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static float[] floats(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
        return values;
    }
}
