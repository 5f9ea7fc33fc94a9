package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.EncodingRawLoop;
import io.zoetrope.bench.device.RawLoop;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.job.ThreadTimes;
import io.zoetrope.bench.job.ThreadTimes.Use;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What everything around the model costs: the whole job against the bare loop. */
public final class JobOverRaw implements Measurement {
    @Override
    public String key() {
        return "job_over_raw";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        List<Figure> figures = new ArrayList<>();
        Summary ratio = ThreadCounts.overRaw(context, figures, JobOverRaw::compare);
        return new Finding(
                key(),
                "Whole job over the raw loop",
                Goal.atLeast(0.95),
                ratio,
                "videos a second, 1 inference thread",
                figures,
                List.of(
                        "The job answers a backlog from Kafka to Kafka, exactly-once, with a checkpoint each second and"
                                + " VP9 from 2 encoder threads; a client reads the committed videos. Broker, Flink, client"
                                + " and job are one process. Its rate is the slope of the broker's append times, without the"
                                + " first and last tenth; the raw loop encodes nothing and writes nothing.",
                        "One lane with 1 inference thread leaves a core to the host, as a GPU does: that is the main"
                                + " figure. With 2, on two cores, encoders and inference share the cores; not"
                                + " measured with --quick.",
                        "Encoding slows inference even from the other core, where cores share caches, memory and clock. The"
                                + " figures over_raw_that_encodes_too hold the job against a raw loop that makes as many videos"
                                + " from 2 threads beside it: what is left there is what Flink, Kafka and the lane cost.",
                        "The profile: processor time a video of the job's process, by what its threads are for, as the"
                                + " operating system counts it."),
                List.of());
    }

    private static InterleavedRounds compare(BenchmarkContext context, int threads, List<Figure> figures)
            throws Exception {
        try (RawLoop raw = BestRawLoop.open(context, threads);
                JobCluster cluster = context.startCluster(1);
                EncodingRawLoop encoding = new EncodingRawLoop(raw, context.bundle());
                RunningJob job = cluster.startZoetrope(
                        "whole-" + threads, "--cpu-lanes", "1", "--inference-threads", "" + threads)) {
            long nanos = context.runSize().side().toNanos();
            int videos = context.runSize().requests(raw.rate(nanos / 2));
            job.warmUp(videos);
            context.log("job over raw: " + threads + " inference threads");
            Profile profile = new Profile(context.runSize().rounds());
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(),
                    () -> profile.of(videos, () -> job.rate(videos)),
                    () -> raw.rate(nanos),
                    () -> encoding.rate(videos));
            figures.add(Figure.ratio("over_raw_that_encodes_too_threads_" + threads, results.ratio(0, 2)));
            figures.add(new Figure("job_videos_a_second_threads_" + threads, results.side(0), "/s"));
            figures.add(new Figure("raw_videos_a_second_threads_" + threads, results.side(1), "/s"));
            profile.figures(threads, figures);
            return results;
        }
    }

    /** Processor time a video, by what the threads are for, over the rounds. */
    private static final class Profile {
        private final Map<Use, double[]> millisAVideo = new EnumMap<>(Use.class);
        private int round;

        Profile(int rounds) {
            for (Use use : Use.values()) {
                millisAVideo.put(use, new double[rounds]);
            }
        }

        double of(int videos, InterleavedRounds.Side side) throws Exception {
            ThreadTimes before = ThreadTimes.now();
            double measured = side.measure();
            ThreadTimes after = ThreadTimes.now();
            millisAVideo.forEach((use, millis) -> millis[round] = 1_000 * after.since(before, use) / videos);
            round++;
            return measured;
        }

        void figures(int threads, List<Figure> figures) {
            millisAVideo.forEach((use, millis) -> figures.add(new Figure(
                    "processor_ms_a_video_of_" + use.name().toLowerCase(Locale.ROOT) + "_threads_" + threads,
                    Summary.of(millis),
                    "ms")));
        }
    }
}
