package io.zoetrope.bench.measure;

import io.zoetrope.BundleModel;
import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.LanePath;
import io.zoetrope.bench.device.NoEncoder;
import io.zoetrope.bench.device.RawLoop;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Measures what the lane costs: the engine without its encoders over the raw loop. */
public final class LaneOverRaw implements Measurement {
    @Override
    public String key() {
        return "lane_over_raw";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        List<Figure> figures = new ArrayList<>();
        Summary ratio = ThreadCounts.overRaw(context, figures, LaneOverRaw::compare);
        return new Finding(
                key(),
                "Lane over the raw loop",
                Goal.atLeast(0.995),
                ratio,
                "videos per second, 1 inference thread",
                figures,
                List.of(
                        "The raw loop runs the three graphs of the shipped bundle on inputs that are made in advance,"
                                + " with the best batch size from 1 to 16 for each graph, and does not read the"
                                + " outputs. The lane path is the job's engine from the prompt's text to its frames,"
                                + " with an encoder that drops the frames. It also tokenizes, draws the noise, and"
                                + " keeps up to 36 requests in flight.",
                        "One inference thread leaves a core to the host, as a GPU does. With two inference threads the"
                                + " host's work takes processor time from inference; this is not measured with"
                                + " --quick."),
                List.of());
    }

    private static InterleavedRounds compare(BenchmarkContext context, int threads, List<Figure> figures)
            throws Exception {
        try (RawLoop raw = BestRawLoop.open(context, threads);
                LanePath lane = LanePath.open(BundleModel.open(context.bundle()), new NoEncoder(), threads)) {
            Duration side = context.runSize().side();
            double estimate = raw.rate(side.dividedBy(2));
            int videos = context.runSize().requests(estimate);
            lane.rate(videos);
            context.log("lane over raw: " + threads + " inference threads, the raw loop's best batches are "
                    + raw.batches());
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> lane.rate(videos), () -> raw.rate(side));
            figures.add(new Figure("raw_videos_a_second_threads_" + threads, results.side(1), "/s"));
            return results;
        }
    }
}
