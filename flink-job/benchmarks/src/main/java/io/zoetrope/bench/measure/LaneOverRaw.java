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
import java.util.ArrayList;
import java.util.List;

/** What the lane costs: the engine without its encoders against the bare loop. */
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
                "videos a second, 1 inference thread",
                figures,
                List.of(
                        "The raw loop runs the three graphs of the shipped bundle on inputs that are there already, at"
                                + " the batches of 1 to 16 that are best, one for each graph, and reads nothing back. The"
                                + " lane path is the job's engine, from the prompt's text to its frames, with an encoder"
                                + " that drops them: it also tokenizes, draws the noise, and keeps up to 36 requests in"
                                + " flight.",
                        "One inference thread leaves a core to the host, as a GPU does. With two, not measured with --quick, what the host does"
                                + " takes time from the inference itself."),
                List.of());
    }

    private static InterleavedRounds compare(BenchmarkContext context, int threads, List<Figure> figures)
            throws Exception {
        try (RawLoop raw = BestRawLoop.open(context, threads);
                LanePath lane = LanePath.open(BundleModel.open(context.bundle()), new NoEncoder(), threads)) {
            long nanos = context.runSize().side().toNanos();
            double estimate = raw.rate(nanos / 2);
            int videos = context.runSize().requests(estimate);
            lane.rate(videos);
            context.log("lane over raw: " + threads + " inference threads, the raw loop's best batches are "
                    + raw.batches());
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> lane.rate(videos), () -> raw.rate(nanos));
            figures.add(new Figure("raw_videos_a_second_threads_" + threads, results.side(1), "/s"));
            return results;
        }
    }
}
