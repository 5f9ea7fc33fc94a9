package io.zoetrope.bench.measure;

import io.zoetrope.bench.device.SleepingEngines;
import io.zoetrope.bench.job.Broker;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.peer.RayServe;
import io.zoetrope.bench.statistics.InterleavedRounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Measures videos of 1 MiB, Zoetrope's and Ray Serve's, in a separate process with broker, job and clients. */
final class LargeVideosProbe {
    static final String ROUND = "ROUND ";

    private static final int MEBIBYTE = 1 << 20;
    private static final int ENCODE_THREADS = 2;
    private static final SleepingEngines VIDEOS =
            new SleepingEngines(1, Duration.ofMillis(5), Duration.ofMillis(1), 16, MEBIBYTE, ENCODE_THREADS);

    private LargeVideosProbe() {}

    /**
     * Prints one line per round: the videos per second of Zoetrope's job, then those of Ray Serve. The arguments are
     * the Python of the environment in which Ray is installed, the path of the peer's script, the bundle, the number of
     * rounds, the number of videos per side, and the number of requests that the peer has in flight.
     */
    public static void main(String[] arguments) throws Exception {
        Path python = Path.of(arguments[0]);
        Path script = Path.of(arguments[1]);
        Path bundle = Path.of(arguments[2]);
        int rounds = Integer.parseInt(arguments[3]);
        int videos = Integer.parseInt(arguments[4]);
        int concurrency = Integer.parseInt(arguments[5]);
        List<String> peerArguments = List.of(
                "--sleep",
                "" + VIDEOS.base().toMillis(),
                "" + VIDEOS.each().toMillis(),
                "--payload-bytes",
                "" + MEBIBYTE,
                "--max-batch",
                "" + VIDEOS.maxBatch(),
                "--encode-threads",
                "" + ENCODE_THREADS);
        try (RayServe peer = RayServe.start(python, script, peerArguments);
                Broker broker = Broker.start();
                JobCluster cluster = JobCluster.start(broker.clients(), bundle, 1);
                RunningJob ours = cluster.startZoetrope("ray-mebibyte", VIDEOS)) {
            peer.warmUp(videos, concurrency);
            ours.warmUp(videos);
            InterleavedRounds results =
                    InterleavedRounds.measure(rounds, () -> ours.rate(videos), () -> peer.rate(videos, concurrency));
            for (int round = 0; round < rounds; round++) {
                System.out.println(ROUND + results.values().get(0)[round] + " "
                        + results.values().get(1)[round]);
            }
        }
        System.exit(0);
    }
}
