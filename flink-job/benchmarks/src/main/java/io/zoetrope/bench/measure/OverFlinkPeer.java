package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.peer.FlinkPeers;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.InterleavedRounds;
import java.util.List;

/** Compares Zoetrope's job with a job that a Flink user would write, on the same files, source, sink and cores. */
public final class OverFlinkPeer implements Measurement {
    private static final int WARM_UP = 60;

    private final String key;
    private final String title;
    private final JobCluster.Assembly peer;
    private final int peerSlots;
    private final String description;

    private OverFlinkPeer(String key, String title, JobCluster.Assembly peer, int peerSlots, String description) {
        this.key = key;
        this.title = title;
        this.peer = peer;
        this.peerSlots = peerSlots;
        this.description = description;
    }

    /** Creates the comparison with {@code map()} and a model in each of two slots. */
    public static OverFlinkPeer sessionPerSlot() {
        return new OverFlinkPeer(
                "map_per_slot_ratio",
                "Over a session per slot in map()",
                FlinkPeers.sessionPerSlot(1),
                2,
                "The peer is map() in 2 slots. Each slot has a separate model with 1 inference thread and encodes on"
                        + " the slot's thread. This keeps both cores busy without any queue, and needs twice the"
                        + " memory for the model.");
    }

    /** Creates the comparison with one call per record on a thread pool. */
    public static OverFlinkPeer callPerRecord() {
        return new OverFlinkPeer(
                "async_per_record_ratio",
                "Over one async call per record",
                FlinkPeers.callPerRecord(1, 4),
                1,
                "The peer calls the model once per record from 4 threads. Each run has 1 inference thread, and the"
                        + " calling thread encodes.");
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        try (JobCluster cluster = context.startCluster(1 + peerSlots);
                RunningJob ours = cluster.startZoetrope(key + "-ours");
                RunningJob other = cluster.startJob(key + "-peer", peer, "--parallelism", "" + peerSlots)) {
            other.warmUp(WARM_UP);
            ours.warmUp(WARM_UP);
            int videos = 2 * context.runSize().requests(ours.rate(24));
            context.log(title + ": " + videos + " videos per side");
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> ours.rate(videos), () -> other.rate(videos));
            return new Finding(
                    key,
                    title,
                    Goal.atLeast(1),
                    results.ratio(0, 1),
                    "videos per second at saturation",
                    List.of(
                            new Figure("ours_videos_a_second", results.side(0), "/s"),
                            new Figure("peer_videos_a_second", results.side(1), "/s")),
                    List.of(
                            description,
                            "Both jobs run on the same cluster with separate topics and exactly-once delivery, and"
                                    + " make the same videos with the same encoder. Ours has its default options: one"
                                    + " lane per core, one thread per run, one model that the lanes share, measured"
                                    + " batch sizes, 2 encoder threads."),
                    List.of());
        }
    }
}
