package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.TestPools;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.generate.Sampler;
import io.zoetrope.generate.TestSamplers;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.Tokens;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Tests on the shipped bundle that a batch goes from tokens to frames without new memory after the first of its shape.
 */
class AllocationTest {
    private static final LatentShape SHAPE = new LatentShape(12, 5, 8, 8);
    private static final int BATCH = 2;
    private static final int BATCHES = 5;
    /**
     * The bound for lists, views and the allocations inside ONNX Runtime's calls. The latents of one video, boxed or
     * copied once, would exceed it.
     */
    private static final long HEAP_BYTES_PER_BATCH = 15_000;

    private final AtomicInteger allocations = new AtomicInteger();
    private final BufferPool buffers = TestPools.counting(16 << 20, allocations);
    private final List<Tokens> tokens = Collections.nCopies(BATCH, new Tokens(LongBuffer.allocate(16), 9));
    private final long[] seeds = new long[BATCH];
    private final Sampler sampler = new Sampler(TestSamplers.twoStep(0.6f), buffers);

    @Test
    void aBatchAllocatesNoTensors() {
        ModelBundle bundle = ModelBundle.open(Path.of("..", "onnx-export", "bundles", "toybox-64"));
        SessionSpec session = TestSessions.with(1, buffers);
        try (OnnxTextEncoder textEncoder = OnnxTextEncoder.open(bundle, session);
                OnnxGenerator generator = OnnxGenerator.open(bundle, "generator", session);
                OnnxFrameDecoder decoder = OnnxFrameDecoder.open(bundle, session)) {
            run(textEncoder, generator, decoder, BATCHES);
            int allocated = allocations.get();
            long direct = directBuffers();
            long heap = heapBytes();

            run(textEncoder, generator, decoder, BATCHES);

            assertThat((heapBytes() - heap) / BATCHES).isLessThan(HEAP_BYTES_PER_BATCH);
            // Another thread of this process may allocate one, and the garbage collector may free some.
            assertThat(directBuffers() - direct).isLessThan(BATCHES);
            assertThat(allocations).hasValue(allocated);
            assertThat(buffers.outstanding()).isZero();
        }
    }

    private void run(OnnxTextEncoder textEncoder, OnnxGenerator generator, OnnxFrameDecoder decoder, int batches) {
        for (int i = 0; i < batches; i++) {
            List<TextEmbedding> text = textEncoder.encode(tokens);
            List<Latents> latents = sampler.sample(
                    List.of(generator, generator),
                    SHAPE,
                    text.stream().map(Condition::ofText).toList(),
                    seeds);
            Pooled.closeAll(text);
            List<Frames> frames = decoder.decode(latents);
            Pooled.closeAll(latents);
            Pooled.closeAll(frames);
        }
    }

    private static long heapBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static long directBuffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getCount)
                .sum();
    }
}
