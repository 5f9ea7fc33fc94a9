package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.buffer.TestBuffers;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatentsTest {
    private static final LatentShape SHAPE = new LatentShape(12, 5, 8, 8);

    @Test
    void memoryHasTheSizeOfBatchAndShape() {
        assertThat(SHAPE.size()).isEqualTo(3840);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatentBatch(TestBuffers.floats(new float[3840]), 2, SHAPE))
                .withMessageContaining("= 7680 numbers, got 3840");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Latents(TestBuffers.floats(new float[7680]), SHAPE))
                .withMessageContaining("= 3840 numbers, got 7680");
    }

    @Test
    void sidesArePositiveAndFitAnArray() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatentShape(12, 0, 8, 8))
                .withMessageContaining("[12,0,8,8]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatentShape(1 << 10, 1 << 10, 1 << 10, 2))
                .withMessageContaining("fewer than 2^31");
    }

    @Test
    void aBatchSplitsIntoItsVideos() {
        BufferPool buffers = new BufferPool(1 << 20);
        PooledBuffer memory = buffers.take(4 * Float.BYTES);
        memory.floats().put(new float[] {1, 2, 3, 4});

        List<Latents> videos = new LatentBatch(memory, 2, new LatentShape(1, 1, 1, 2)).split();

        assertThat(videos.get(0).values()).isEqualTo(FloatBuffer.wrap(new float[] {1, 2}));
        assertThat(videos.get(1).values()).isEqualTo(FloatBuffer.wrap(new float[] {3, 4}));
        assertThat(videos.get(1).values().isReadOnly()).isTrue();
        videos.get(0).close();
        assertThat(videos.get(1).values().get(1)).isEqualTo(4);
        assertThat(buffers.outstanding()).isEqualTo(1);
        videos.get(1).close();
        assertThat(buffers.outstanding()).isZero();
    }
}
