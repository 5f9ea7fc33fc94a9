package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Tests the memory need of the shipped bundle. It has latents of 12x5x8x8, at most 64 tokens of 384 numbers, 17 frames
 * of 64x64, and accepts a first frame.
 */
class MemoryNeedTest {
    private static final long MIB = 1 << 20;
    private static final long LATENTS = 4L * 12 * 5 * 8 * 8;
    private static final long TEXT = 4L * 64 * 384;
    private static final long STILL = 4L * 12 * 8 * 8;
    private static final long PICTURE = 3L * 64 * 64;
    private static final long FRAMES = 17L * 64 * 64 * 3 / 2;
    /**
     * The bytes that the stages allocate for a request. The factor 5/4 is the most that the pool rounds up. The latents
     * count twice because the velocity, or the second noise, exists at the same time.
     */
    private static final long STAGE_BYTES = (TEXT + STILL + 2 * LATENTS + FRAMES) * 5 / 4;

    private final Manifest manifest =
            ModelBundle.open(Path.of("../onnx-export/bundles/toybox-64")).manifest();

    @Test
    void aRequestCountsAllBuffersOfItsStages() {
        assertThat(new MemoryNeed(manifest, 32, 9 * MIB).requestBytes()).isEqualTo(STAGE_BYTES + PICTURE + 2 * FRAMES);
        assertThat(new MemoryNeed(manifest, 32, 1000).requestBytes()).isEqualTo(STAGE_BYTES + PICTURE + 2 * 1000);
    }

    @Test
    void aDeviceCountsBuffersAndInputsAndTheLastBatchOfEachLane() {
        long batch = 16;
        long tokens = 8 * 64;
        long inputs = batch * (3 * tokens + PICTURE + LATENTS + 4 + TEXT + tokens + STILL + 4 + LATENTS);
        long kept = (256 + 4 * 64) * MIB;

        MemoryNeed need = new MemoryNeed(manifest, 32, 9 * MIB);

        assertThat(need.deviceBytes(1)).isEqualTo(kept + inputs + (batch - 1) * STAGE_BYTES);
        assertThat(need.deviceBytes(4)).isEqualTo(kept + 4 * (inputs + (batch - 1) * STAGE_BYTES));
        assertThat(new MemoryNeed(manifest, 1, 9 * MIB).deviceBytes(1)).isEqualTo(kept + inputs / batch);
    }

    @Test
    void thePoolAllocatesNoMoreThanIsCounted() {
        BufferPool pool = new BufferPool(0);
        for (int bytes = 1; bytes < 100_000; bytes += 97) {
            try (var taken = pool.take(bytes)) {
                assertThat(pool.outstandingBytes()).isLessThanOrEqualTo(BufferPool.maxCapacity(taken.size()));
            }
        }
    }
}
