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
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures what everything around the model costs: the whole job over the raw loop. */
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
                "videos per second, 1 inference thread",
                figures,
                List.of(
                        "The job answers a backlog from Kafka to Kafka, exactly-once, with a checkpoint every second"
                                + " and VP9 from 2 encoder threads. A client reads the committed videos. Broker,"
                                + " Flink, client and job run in one process. The job's rate is the slope of the"
                                + " broker's append times, without the first and the last tenth. The raw loop does not"
                                + " encode and does not write.",
                        "The main figure uses one lane with 1 inference thread, which leaves a core to the host, as a"
                                + " GPU does. With 2 inference threads on two cores, encoders and inference share the"
                                + " cores; this is not measured with --quick.",
                        "Encoding slows down inference even on the other core if the cores share caches, memory and"
                                + " clock. The figures over_raw_that_encodes_too compare the job with a raw loop that"
                                + " also encodes as many videos with 2 threads: the remaining difference is the cost"
                                + " of Flink, Kafka and the lane.",
                        "The profile is the processor time of the job's process per video, by the purpose of its"
                                + " threads, as the operating system counts it."),
                List.of());
    }

    private static InterleavedRounds compare(BenchmarkContext context, int threads, List<Figure> figures)
            throws Exception {
        try (RawLoop raw = BestRawLoop.open(context, threads);
                JobCluster cluster = context.startCluster(1);
                EncodingRawLoop encoding = new EncodingRawLoop(raw, context.bundle());
                RunningJob job = cluster.startZoetrope(
                        "whole-" + threads, "--cpu-lanes", "1", "--inference-threads", "" + threads)) {
            Duration side = context.runSize().side();
            int videos = context.runSize().requests(raw.rate(side.dividedBy(2)));
            job.warmUp(videos);
            context.log("job over raw: " + threads + " inference threads");
            Profile profile = new Profile(context.runSize().rounds());
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(),
                    () -> profile.of(videos, () -> job.rate(videos)),
                    () -> raw.rate(side),
                    () -> encoding.rate(videos));
            figures.add(Figure.ratio("over_raw_that_encodes_too_threads_" + threads, results.ratio(0, 2)));
            figures.add(new Figure("job_videos_a_second_threads_" + threads, results.side(0), "/s"));
            figures.add(new Figure("raw_videos_a_second_threads_" + threads, results.side(1), "/s"));
            profile.figures(threads, figures);
            return results;
        }
    }

    /** The processor time per video by the purpose of the threads, over the rounds. */
    private static final class Profile {
        private final Map<Use, double[]> millisPerVideo = new EnumMap<>(Use.class);
        private int round;

        Profile(int rounds) {
            for (Use use : Use.values()) {
                millisPerVideo.put(use, new double[rounds]);
            }
        }

        double of(int videos, InterleavedRounds.Side side) throws Exception {
            ThreadTimes before = ThreadTimes.now();
            double measured = side.measure();
            ThreadTimes after = ThreadTimes.now();
            millisPerVideo.forEach((use, millis) -> millis[round] = 1_000 * after.since(before, use) / videos);
            round++;
            return measured;
        }

        void figures(int threads, List<Figure> figures) {
            millisPerVideo.forEach((use, millis) -> figures.add(new Figure(
                    "processor_ms_a_video_of_" + use.name().toLowerCase(Locale.ROOT) + "_threads_" + threads,
                    Summary.of(millis),
                    "ms")));
        }
    }
}
