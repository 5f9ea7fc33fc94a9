package io.zoetrope.bench.measure;

import io.zoetrope.BundleModel;
import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.LanePath;
import io.zoetrope.bench.device.Spans;
import io.zoetrope.bench.device.WatchedModel;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.report.Plot;
import io.zoetrope.bench.statistics.Summary;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Measures how busy the device is while the engine is saturated, and plots one second of device and encoders. */
public final class SaturatedSecond implements Measurement {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Override
    public String key() {
        return "device_busy_on_bundle";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        context.log("timeline of a saturated second");
        Spans spans = new Spans();
        FfmpegVideoEncoder codec = new FfmpegVideoEncoder(Codec.VP9, 1);
        VideoEncoder encoder =
                (frames, rate, position) -> spans.during("encode", () -> codec.encode(frames, rate, position));
        int seconds = context.runSize().pick(4, 12);
        long measuredFrom;
        try (LanePath lane = LanePath.open(new WatchedModel(BundleModel.open(context.bundle()), spans), encoder, 1)) {
            double rate = lane.rate(60);
            long start = System.nanoTime();
            double unused = lane.rate((int) (rate * (seconds + 2)));
            // In the first second the queues fill, in the last second they drain.
            measuredFrom = start + SECOND;
        }
        double[] busy = IntStream.range(0, seconds)
                .mapToDouble(second -> busy(spans, measuredFrom + second * SECOND))
                .toArray();
        List<String> rows = spans.between(measuredFrom, measuredFrom + SECOND).stream()
                .map(Spans.Span::thread)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .toList();
        return new Finding(
                key(),
                "A saturated second",
                Goal.atLeast(0.99),
                Summary.of(busy),
                "share of the time in which a stage ran on the device",
                List.of(Figure.ratio("device_gaps", gaps(busy))),
                List.of("The engine runs on the shipped bundle with 1 inference thread and VP9 from 2 encoder threads,"
                        + " and always has as many requests as it accepts. The device is busy while the"
                        + " text encoder, the generator or the decoder runs. The rest of the time is the"
                        + " lane's work, the noise and its arithmetic, and gaps."),
                List.of(Plot.timeline(
                        "saturated_second",
                        "A saturated second",
                        rows,
                        spans.drawn(measuredFrom, measuredFrom + SECOND))));
    }

    private static double busy(Spans spans, long start) {
        return spans.drawn(start, start + SECOND).stream()
                        .filter(span -> !span.kind().equals("encode"))
                        .mapToDouble(span -> span.to() - span.from())
                        .sum()
                / 1e3;
    }

    private static Summary gaps(double[] busy) {
        return Summary.of(Arrays.stream(busy).map(share -> 1 - share).toArray());
    }
}
