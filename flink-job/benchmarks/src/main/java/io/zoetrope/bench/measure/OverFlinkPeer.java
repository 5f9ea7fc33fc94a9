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

/** Our job against one that a Flink user would write, on the same files, source, sink and cores. */
public final class OverFlinkPeer implements Measurement {
    private static final int WARM_UP = 60;

    private final String key;
    private final String title;
    private final JobCluster.Assembly peer;
    private final int peerSlots;
    private final String how;

    private OverFlinkPeer(String key, String title, JobCluster.Assembly peer, int peerSlots, String how) {
        this.key = key;
        this.title = title;
        this.peer = peer;
        this.peerSlots = peerSlots;
        this.how = how;
    }

    /** {@code map()} with a model in each of two slots. */
    public static OverFlinkPeer sessionPerSlot() {
        return new OverFlinkPeer(
                "map_per_slot_ratio",
                "Over a session per slot in map()",
                FlinkPeers.sessionPerSlot(1),
                2,
                "The peer is map() in 2 slots, each with the model of its own on 1 inference thread, encoding on the"
                        + " slot's thread: it keeps both cores busy without any queue, at twice the memory for the model.");
    }

    /** One call a record on a pool of threads. */
    public static OverFlinkPeer callPerRecord() {
        return new OverFlinkPeer(
                "async_per_record_ratio",
                "Over one async call per record",
                FlinkPeers.callPerRecord(1, 4),
                1,
                "The peer calls the model once a record from 4 threads, each run on 1 inference thread, and encodes on"
                        + " the calling thread.");
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
            context.log(title + ": " + videos + " videos a side");
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> ours.rate(videos), () -> other.rate(videos));
            return new Finding(
                    key,
                    title,
                    Goal.atLeast(1),
                    results.ratio(0, 1),
                    "videos a second at saturation",
                    List.of(
                            new Figure("ours_videos_a_second", results.side(0), "/s"),
                            new Figure("peer_videos_a_second", results.side(1), "/s")),
                    List.of(
                            how,
                            "Both jobs read and write topics of their own, exactly-once, on the same cluster, and make"
                                    + " the same videos with the same encoder; ours has its defaults: a lane a core, whose"
                                    + " runs have one thread and share one model, batches as measured, 2 encoder threads."),
                    List.of());
        }
    }
}
