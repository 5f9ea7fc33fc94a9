package io.zoetrope.bench.device;

import io.zoetrope.bench.statistics.Rate;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** The upper limit for a machine that also encodes every clip: the raw loop, with encoder threads in parallel. */
public final class EncodingRawLoop implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int MAX_WAITING = 4 * THREADS;

    private final RawLoop raw;
    private final List<Frames> frames;
    private final FrameRate rate;
    private final VideoEncoder encoder = new FfmpegVideoEncoder(Codec.VP9, 1);
    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

    /**
     * Creates the loop over a raw loop, which the caller closes. The encoders encode frames that are made in advance.
     */
    public EncodingRawLoop(RawLoop raw, ModelBundle bundle) {
        this.raw = raw;
        VideoSpec video = bundle.manifest().video();
        this.rate = new FrameRate(video.frameRateNum(), video.frameRateDen());
        try (FixedBatch stages = new FixedBatch(bundle, 1, THREADS)) {
            this.frames = stages.run();
        }
    }

    /** Generates and encodes videos, and returns the videos per second. Few clips wait for an encoder. */
    public double rate(int videos) throws Exception {
        long[] nanos = new long[videos];
        CompletableFuture<?>[] made = new CompletableFuture<?>[videos];
        Semaphore room = new Semaphore(MAX_WAITING + raw.clips());
        for (int next = 0; next < videos; ) {
            raw.run();
            for (int i = 0; i < raw.clips() && next < videos; i++, next++) {
                int index = next;
                room.acquire();
                made[index] = CompletableFuture.runAsync(
                                () -> encoder.encode(frames.get(index % THREADS), rate, SegmentPosition.WHOLE), pool)
                        .whenComplete((done, fault) -> {
                            nanos[index] = System.nanoTime();
                            room.release();
                        });
            }
        }
        CompletableFuture.allOf(made).join();
        return Rate.steady(nanos);
    }

    @Override
    public void close() {
        pool.shutdownNow();
        Pooled.closeAll(frames);
    }
}
