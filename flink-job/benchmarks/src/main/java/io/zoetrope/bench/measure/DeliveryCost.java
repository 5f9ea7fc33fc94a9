package io.zoetrope.bench.measure;

import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.Workplace;
import io.zoetrope.bench.device.SleepingEngines;
import io.zoetrope.bench.job.JobStand;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.Turns;
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
    public Finding measure(Workplace workplace) throws Exception {
        try (JobStand stand = workplace.stand(2);
                RunningJob exactly = stand.ours("exactly-once", FAST, "--delivery", "exactly-once");
                RunningJob atLeast = stand.ours("at-least-once", FAST, "--delivery", "at-least-once")) {
            exactly.warm(3000);
            atLeast.warm(3000);
            int videos = workplace.effort().requests(atLeast.rate(3000));
            workplace.tell("exactly-once over at-least-once: " + videos + " videos a side");
            Turns turns =
                    Turns.take(workplace.effort().rounds(), () -> exactly.rate(videos), () -> atLeast.rate(videos));
            return new Finding(
                    key(),
                    "Exactly-once over at-least-once",
                    Goal.atLeast(0.95),
                    turns.ratio(0, 1),
                    "videos a second at saturation",
                    List.of(
                            new Figure("exactly_once_videos_a_second", turns.side(0), "/s"),
                            new Figure("at_least_once_videos_a_second", turns.side(1), "/s")),
                    List.of(
                            "The hardest case: the device sleeps 2 ms for up to 32 videos of 4 KiB, so that Flink, Kafka"
                                    + " and the client are what limits both. Checkpoints come each second on both sides, and the"
                                    + " client reads committed records. With a model behind it the job waits for the device, and"
                                    + " the deliveries do not differ."),
                    List.of());
        }
    }
}
