package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.SleepingEngines;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.InterleavedRounds;
import java.time.Duration;
import java.util.List;

/** What transactions cost a job whose device is hardly there. */
public final class DeliveryCost implements Measurement {
    private static final int PAYLOAD_BYTES = 4096;
    private static final SleepingEngines FAST =
            new SleepingEngines(1, Duration.ofMillis(2), Duration.ZERO, 32, PAYLOAD_BYTES, 2);

    @Override
    public String key() {
        return "exactly_once_over_at_least_once";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        try (JobCluster cluster = context.startCluster(2);
                RunningJob exactly = cluster.startZoetrope("exactly-once", FAST, "--delivery", "exactly-once");
                RunningJob atLeast = cluster.startZoetrope("at-least-once", FAST, "--delivery", "at-least-once")) {
            exactly.warmUp(3000);
            atLeast.warmUp(3000);
            int videos = context.runSize().requests(atLeast.rate(3000));
            context.log("exactly-once over at-least-once: " + videos + " videos a side");
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> exactly.rate(videos), () -> atLeast.rate(videos));
            return new Finding(
                    key(),
                    "Exactly-once over at-least-once",
                    Goal.atLeast(0.95),
                    results.ratio(0, 1),
                    "videos a second at saturation",
                    List.of(
                            new Figure("exactly_once_videos_a_second", results.side(0), "/s"),
                            new Figure("at_least_once_videos_a_second", results.side(1), "/s")),
                    List.of(
                            "The hardest case: the device sleeps 2 ms for up to 32 videos of 4 KiB, so that Flink, Kafka"
                                    + " and the client are what limits both. Checkpoints come each second on both sides, and the"
                                    + " client reads committed records. With a model behind it the job waits for the device, and"
                                    + " the deliveries do not differ."),
                    List.of());
        }
    }
}
