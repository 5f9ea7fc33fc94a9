package io.zoetrope.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferPoolTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 20_000;

    private final AtomicInteger allocations = new AtomicInteger();
    private final BufferPool pool = TestPools.counting(1 << 20, allocations);

    @Test
    void returnedBuffersAreReused() {
        for (int i = 0; i < 100; i++) {
            pool.take(50_000).close();
        }
        assertThat(allocations).hasValue(1);
        assertThat(pool.outstanding()).isZero();
        assertThat(pool.idleBytes()).isBetween(50_000L, 62_500L);
    }

    @Test
    void similarSizesShareABuffer() {
        pool.take(50_000).close();
        PooledBuffer smaller = pool.take(49_500);
        assertThat(allocations).hasValue(1);
        assertThat(smaller.size()).isEqualTo(49_500);
        assertThat(smaller.bytes().capacity()).isEqualTo(49_500);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024, 1025, 4097, 65_536, 65_537, 1_000_000})
    void aBufferIsAtMostAQuarterLargerThanRequested(int bytes) {
        PooledBuffer taken = pool.take(bytes);
        assertThat(pool.outstandingBytes()).isBetween((long) bytes, Math.max(1024, bytes * 5L / 4));
        assertThat(taken.bytes().isDirect()).isTrue();
        assertThat(taken.bytes().order()).isEqualTo(ByteOrder.nativeOrder());
    }

    @Test
    void buffersInUseDoNotOverlap() {
        PooledBuffer first = pool.take(2000);
        PooledBuffer second = pool.take(2000);
        first.bytes().put(0, (byte) 1);
        second.bytes().put(0, (byte) 2);
        assertThat(first.bytes().get(0)).isEqualTo((byte) 1);
    }

    @Test
    void theLastClosedPartReturnsTheBuffer() {
        PooledBuffer batch = pool.take(12);
        batch.floats().put(new float[] {1, 2, 3});
        List<PooledBuffer> parts = batch.split(3);

        assertThat(parts.get(1).floats()).isEqualTo(FloatBuffer.wrap(new float[] {2}));
        parts.get(2).close();
        parts.get(0).close();
        assertThat(pool.outstanding()).isEqualTo(1);
        PooledBuffer half = parts.get(1).part(2, 2);
        parts.get(1).close();
        assertThat(pool.outstanding()).isEqualTo(1);
        half.close();
        assertThat(pool.outstanding()).isZero();
    }

    @Test
    void aSecondCloseDoesNothing() {
        PooledBuffer batch = pool.take(8);
        List<PooledBuffer> parts = batch.split(2);
        batch.close();
        parts.get(0).close();
        parts.get(0).close();
        assertThat(pool.outstanding()).isEqualTo(1);
        assertThat(parts.get(1).bytes().capacity()).isEqualTo(4);
        parts.get(1).close();
        assertThat(pool.outstanding()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(1024);
    }

    @Test
    void closedMemoryCannotBeRead() {
        PooledBuffer closed = pool.take(8);
        closed.close();
        assertThatIllegalStateException().isThrownBy(closed::bytes).withMessageContaining("may have another owner");
        assertThatIllegalStateException().isThrownBy(closed::floats);
        assertThatIllegalStateException().isThrownBy(() -> closed.part(0, 4));
        assertThatIllegalStateException().isThrownBy(() -> closed.split(2));
    }

    @Test
    void idleMemoryIsBounded() {
        BufferPool small = new BufferPool(3 * 1024);
        List<PooledBuffer> taken = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            taken.add(small.take(1024));
        }
        assertThat(small.outstanding()).isEqualTo(10);
        Pooled.closeAll(taken);
        assertThat(small.idleBytes()).isEqualTo(3 * 1024);
        assertThat(small.outstandingBytes()).isZero();
    }

    @Test
    void theBufferIdleLongestIsEvictedFirst() {
        BufferPool small = new BufferPool(10 * 1024);
        small.take(8 * 1024).close();
        small.take(4 * 1024).close();
        assertThat(small.idleBytes()).isEqualTo(4 * 1024);
    }

    @Test
    void partsOutsideTheBufferAreRefused() {
        PooledBuffer taken = pool.take(10);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> taken.part(4, 7));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> taken.split(3))
                .withMessageContaining("10 bytes")
                .withMessageContaining("3 parts");
        assertThatIllegalArgumentException().isThrownBy(() -> pool.take(0)).withMessageContaining("got 0");
        assertThatIllegalArgumentException().isThrownBy(() -> new BufferPool(-1));
    }

    /** Each thread takes, splits, writes, checks and closes buffers, as lanes and video encoders do. */
    @Test
    void manyThreadsNeverShareMemory() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int mark = thread;
                runs.add(threads.submit(() -> {
                    for (int i = 0; i < ROUNDS; i++) {
                        useOnce(mark * ROUNDS + i);
                    }
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(pool.outstanding()).isZero();
        assertThat(pool.outstandingBytes()).isZero();
        assertThat(allocations.get()).isLessThanOrEqualTo(2 * THREADS);
    }

    private void useOnce(int mark) {
        int size = 4 * (ThreadLocalRandom.current().nextBoolean() ? 8 : 1000);
        List<PooledBuffer> parts = pool.take(size).split(4);
        for (PooledBuffer part : parts) {
            part.bytes().putInt(0, mark);
        }
        for (PooledBuffer part : parts) {
            assertThat(part.bytes().getInt(0)).isEqualTo(mark);
            part.close();
            part.close();
        }
    }
}
