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

/** Measures what transactions cost, in a job whose device takes almost no time. */
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
            context.log("exactly-once over at-least-once: " + videos + " videos per side");
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> exactly.rate(videos), () -> atLeast.rate(videos));
            return new Finding(
                    key(),
                    "Exactly-once over at-least-once",
                    Goal.atLeast(0.95),
                    results.ratio(0, 1),
                    "videos per second at saturation",
                    List.of(
                            new Figure("exactly_once_videos_a_second", results.side(0), "/s"),
                            new Figure("at_least_once_videos_a_second", results.side(1), "/s")),
                    List.of("This is the worst case: the device sleeps 2 ms for up to 32 videos of 4 KiB, so Flink,"
                            + " Kafka and the client limit both sides. Both sides take a checkpoint every"
                            + " second, and the client reads committed records. With a model the job waits for"
                            + " the device, and the two delivery guarantees do not differ."),
                    List.of());
        }
    }
}
