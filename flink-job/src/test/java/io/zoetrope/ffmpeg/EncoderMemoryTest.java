package io.zoetrope.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.failure.RequestException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the memory of encoding, on the heap and outside of it. */
class EncoderMemoryTest {
    private static final FrameRate TWELVE = new FrameRate(12, 1);
    /** A bound that is smaller than any object. */
    private static final long HEAP_BYTES_PER_FRAME = 16;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void aFrameAllocatesOnlyItsBytesOnTheHeap(Codec codec) {
        Frames few = Clips.movingSquare(5, 64, 64);
        Frames many = Clips.movingSquare(205, 64, 64);
        allocatedBeyondPayload(codec, few);
        allocatedBeyondPayload(codec, many);

        long forMore = allocatedBeyondPayload(codec, many) - allocatedBeyondPayload(codec, few);

        assertThat(forMore / 200).isLessThan(HEAP_BYTES_PER_FRAME);
    }

    private static long allocatedBeyondPayload(Codec codec, Frames frames) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Segment segment = Clips.encode(codec, frames, TWELVE);
        return threads.getCurrentThreadAllocatedBytes()
                - before
                - segment.payload().capacity();
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void videosLeakNoMemory(Codec codec) throws IOException {
        int level = avutil.av_log_get_level();
        avutil.av_log_set_level(avutil.AV_LOG_QUIET); // this test causes hundreds of errors
        try {
            encodeAndFail(codec, 100);
            long before = residentKilobytes();
            encodeAndFail(codec, 400);
            assertThat(residentKilobytes() - before).isLessThan(20_000);
        } finally {
            avutil.av_log_set_level(level);
        }
    }

    private static void encodeAndFail(Codec codec, int times) {
        Frames frames = Clips.movingSquare(3, 16, 16);
        Frames tooWide = new Frames(TestBuffers.bytes(2 * (1 << 17) * 3 / 2), 1, 1 << 17, 2);
        for (int i = 0; i < times; i++) {
            Clips.encode(codec, frames, TWELVE);
            assertThatExceptionOfType(RequestException.class)
                    .isThrownBy(() -> Clips.encode(Codec.VP9, tooWide, TWELVE));
        }
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
