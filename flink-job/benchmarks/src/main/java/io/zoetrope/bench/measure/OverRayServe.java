package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.NotMeasuredException;
import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.bench.job.RunningJob;
import io.zoetrope.bench.peer.RayServe;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.report.Plot;
import io.zoetrope.bench.simulation.Arrivals;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares Zoetrope's job with Ray Serve on the same files, threads and encoder. Ray Serve uses HTTP, the job Kafka.
 */
public final class OverRayServe implements Measurement {
    private static final int CONCURRENCY = 64;
    private static final int ENCODE_THREADS = 2;
    private static final int LARGEST_BATCH = 16;
    /** The least number of full batches per side. The peer's videos arrive in bursts, so a side needs several. */
    private static final int BATCHES = 6;
    /** The number of videos of 1 MiB per side and round. */
    private static final int LARGE_VIDEOS = 300;

    @Override
    public String key() {
        return "ray_serve_ratio";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        Path python = context.python()
                .orElseThrow(() -> new NotMeasuredException(
                        "there is no Python environment with Ray; run ./zoetrope bench where pip can install"
                                + " flink-job/benchmarks/requirements.txt"));
        List<Figure> figures = new ArrayList<>();
        List<Plot> plots = new ArrayList<>();
        Summary saturated = onBundle(context, python, figures, plots);
        if (!context.runSize().quick()) {
            figures.add(Figure.ratio("mebibyte_videos", largeVideos(context, python, figures)));
        }
        return new Finding(
                key(),
                "Over Ray Serve",
                Goal.atLeast(1),
                saturated,
                "videos per second at saturation",
                figures,
                List.of(
                        "The peer is a deployment with `@serve.batch` on the same ONNX files. Like ours, it runs two"
                                + " batches side by side with one inference thread each (max_concurrent_batches 2; one"
                                + " batch on two threads makes fewer videos). A batch has up to 16 requests, and the"
                                + " peer does not wait to fill it (batch_wait_timeout_s 0, which is best at"
                                + " saturation, because there is always a full batch). max_ongoing_requests is 512. 2"
                                + " threads encode VP9 with PyAV (libvpx-vp9, realtime, cpu-used 6, crf 30, as ours)."
                                + " Ray's throughput switch is on; it uses uvloop and httptools, logs no requests, and"
                                + " its workers have normal scheduling priority. At saturation "
                                + CONCURRENCY + " requests are in flight at any time; ours has a backlog.",
                        "The peer differs where equal conditions are not possible: ONNX Runtime for Python is 1.30.0"
                                + " (ours 1.28.0), libvpx is PyAV's, the noise is NumPy's, the proxy is Ray's in"
                                + " Python (HAProxy is not installed), and the videos are neither delivered"
                                + " exactly-once nor stored.",
                        "Loads are shares of our rate at saturation, with the same Poisson arrivals for all sides."
                                + " Latency counts from the time at which a request is due to the time at which its"
                                + " video is read. Ours is at-least-once in these figures, because HTTP has no"
                                + " exactly-once delivery. With exactly-once delivery a video waits for the next"
                                + " checkpoint, half a second on average.",
                        "With videos of 1 MiB, which are not measured with --quick, the device sleeps 5 ms + 1 ms per"
                                + " request, in batches of up to 16, so the transport of the videos is the limit. Ours"
                                + " writes them to the broker exactly-once and reads them committed; the peer sends"
                                + " them through its proxy to the client. Broker, job and clients run in a separate"
                                + " JVM with the JVM's default options, as on a cluster, because the launcher's"
                                + " options are chosen for a fast start and not for records of that size. The goal for"
                                + " these videos is ≥ 1.3."),
                plots);
    }

    private static Summary onBundle(BenchmarkContext context, Path python, List<Figure> figures, List<Plot> plots)
            throws Exception {
        List<String> arguments = List.of(
                "--bundle",
                context.bundle().directory().toString(),
                "--threads",
                "1",
                "--lanes",
                "2",
                "--max-batch",
                "" + LARGEST_BATCH,
                "--encode-threads",
                "" + ENCODE_THREADS);
        try (RayServe peer = RayServe.start(python, context.file("peers/ray_serve.py"), arguments);
                JobCluster cluster = context.startCluster(2);
                RunningJob ours = cluster.startZoetrope("ray-ours");
                RunningJob atLeastOnce = cluster.startZoetrope("ray-ours-alo", "--delivery", "at-least-once")) {
            peer.warmUp(BATCHES * LARGEST_BATCH, CONCURRENCY);
            ours.warmUp(2 * BATCHES * LARGEST_BATCH);
            atLeastOnce.warmUp(40);
            int videos = BATCHES * LARGEST_BATCH;
            context.log("over Ray Serve: at saturation, " + videos + " videos per side");
            InterleavedRounds saturated = InterleavedRounds.measure(
                    context.runSize().rounds(), () -> ours.rate(videos), () -> peer.rate(videos, CONCURRENCY));
            figures.add(new Figure("ours_videos_a_second", saturated.side(0), "/s"));
            figures.add(new Figure("peer_videos_a_second", saturated.side(1), "/s"));
            atLoads(context, saturated.side(0).median(), atLeastOnce, peer, figures, plots);
            return saturated.ratio(0, 1);
        }
    }

    private static void atLoads(
            BenchmarkContext context,
            double capacity,
            RunningJob ours,
            RayServe peer,
            List<Figure> figures,
            List<Plot> plots)
            throws Exception {
        double[] loads = context.runSize().pick(new double[] {0.8}, new double[] {0.5, 0.8, 0.95});
        double[] oursMean = new double[loads.length];
        double[] peerMean = new double[loads.length];
        for (int i = 0; i < loads.length; i++) {
            double load = loads[i];
            context.log("over Ray Serve: at load " + load);
            int rounds = context.runSize().rounds();
            double[][] tails = new double[2][rounds];
            int[] round = new int[2];
            int count = context.runSize().requests(load * capacity);
            InterleavedRounds results = InterleavedRounds.measure(
                    rounds,
                    () -> {
                        long[] latencies = ours.latencies(Arrivals.poisson(load * capacity, count, round[0]));
                        tails[0][round[0]++] = tail(latencies);
                        return Summary.mean(latencies) / 1e6;
                    },
                    () -> {
                        long[] latencies = peer.latencies(Arrivals.poisson(load * capacity, count, round[1]));
                        tails[1][round[1]++] = tail(latencies);
                        return Summary.mean(latencies) / 1e6;
                    });
            figures.add(new Figure("ours_mean_latency_at_load_" + load, results.side(0), "ms"));
            figures.add(new Figure("peer_mean_latency_at_load_" + load, results.side(1), "ms"));
            figures.add(Figure.ratio("mean_latency_ratio_at_load_" + load, results.ratio(0, 1)));
            figures.add(Figure.ratio(
                    "p95_latency_ratio_at_load_" + load, new InterleavedRounds(List.of(tails)).ratio(0, 1)));
            oursMean[i] = results.side(0).median();
            peerMean[i] = results.side(1).median();
        }
        plots.add(Plot.lines(
                "ray_serve_latency",
                "Mean latency, ours (at-least-once) and Ray Serve's",
                "load, as a share of our rate at saturation",
                "milliseconds",
                false,
                List.of(new Plot.Series("ours", loads, oursMean), new Plot.Series("Ray Serve", loads, peerMean))));
    }

    private static Summary largeVideos(BenchmarkContext context, Path python, List<Figure> figures)
            throws IOException, InterruptedException {
        context.log("over Ray Serve: videos of 1 MiB, in a separate JVM");
        List<String> output = ChildJvm.run(
                ChildJvm.defaultOptions(),
                LargeVideosProbe.class,
                LargeVideosProbe.ROUND,
                List.of(
                        python.toString(),
                        context.file("peers/ray_serve.py").toString(),
                        context.bundle().directory().toString(),
                        "" + context.runSize().rounds(),
                        "" + LARGE_VIDEOS,
                        "" + CONCURRENCY));
        double[][] rates = new double[2][output.size()];
        for (int round = 0; round < output.size(); round++) {
            String[] sides = output.get(round).split(" ", 2);
            rates[0][round] = Double.parseDouble(sides[0]);
            rates[1][round] = Double.parseDouble(sides[1]);
        }
        InterleavedRounds results = new InterleavedRounds(List.of(rates));
        figures.add(new Figure("ours_mebibytes_a_second", results.side(0), "MiB/s"));
        figures.add(new Figure("peer_mebibytes_a_second", results.side(1), "MiB/s"));
        return results.ratio(0, 1);
    }

    private static double tail(long[] nanos) {
        return Summary.quantile(Arrays.stream(nanos).asDoubleStream().toArray(), 0.95) / 1e6;
    }
}
