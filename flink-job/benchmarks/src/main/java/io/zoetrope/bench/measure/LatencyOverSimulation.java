package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.OpenLoop;
import io.zoetrope.bench.device.SleepingDevices;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.report.Plot;
import io.zoetrope.bench.simulation.Arrivals;
import io.zoetrope.bench.simulation.DeviceSimulation;
import io.zoetrope.bench.simulation.DeviceTimes;
import io.zoetrope.bench.statistics.Summary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Measures the latency at fixed loads, over the latency of an ideal system with the same arrivals. */
public final class LatencyOverSimulation implements Measurement {
    private static final DeviceTimes TIMES = new DeviceTimes(Duration.ofMillis(80), Duration.ofMillis(20), 8);
    private static final double[] LOADS = {0.5, 0.8, 0.95};

    @Override
    public String key() {
        return "latency_over_simulation";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        int[] counts = context.runSize().pick(new int[] {4}, new int[] {1, 4, 16});
        List<Figure> figures = new ArrayList<>();
        List<Plot.Series> series = new ArrayList<>();
        double[][] medians = new double[counts.length][LOADS.length];
        List<Summary> all = new ArrayList<>();
        for (int j = 0; j < LOADS.length; j++) {
            List<double[]> ratiosOfCounts = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                context.log("latency over simulation: " + counts[i] + " devices at load " + LOADS[j]);
                double[] ratios = ratios(context, counts[i], LOADS[j]);
                Summary ratio = Summary.of(ratios);
                figures.add(Figure.ratio("devices_" + counts[i] + "_load_" + LOADS[j], ratio));
                all.add(ratio);
                medians[i][j] = ratio.median();
                ratiosOfCounts.add(ratios);
            }
            figures.add(Figure.ratio(
                    "" + LOADS[j],
                    Summary.of(ratiosOfCounts.stream()
                            .flatMapToDouble(Arrays::stream)
                            .toArray())));
        }
        for (int i = 0; i < counts.length; i++) {
            series.add(new Plot.Series(counts[i] + " devices", LOADS, medians[i]));
        }
        return new Finding(
                key(),
                "Latency over the simulation",
                Goal.atMost(1.02),
                all.stream().max(Comparator.comparingDouble(Summary::median)).orElseThrow(),
                "mean latency, at the load and the number of devices with the highest ratio",
                figures,
                List.of(
                        "Requests arrive as a Poisson process that is drawn in advance. Latency counts from the time"
                                + " at which a request is due. The ideal is a simulation of as many devices behind one"
                                + " queue, which take "
                                + TIMES.base().toMillis() + " ms + "
                                + TIMES.each().toMillis() + " ms per request in batches of up to "
                                + TIMES.maxBatch()
                                + ", without overhead, with the same arrivals. Figures whose name contains only a load"
                                + " combine the rounds of all numbers of devices.",
                        "In virtual time, where only the devices take time, dispatch and lanes match the ideal to four"
                                + " decimals. The measured ratio is above 1 because threads wake up late: the client's"
                                + " thread, and a device's thread for each batch."),
                List.of(Plot.lines(
                        "latency", "Mean latency over the ideal", "load", "measured over simulated", false, series)));
    }

    private static double[] ratios(BenchmarkContext context, int count, double load) throws Exception {
        double rate = load * count * TIMES.capacity();
        int requests = (int) (rate * context.runSize().pick(1.5, 4.0));
        double[] ratios = new double[context.runSize().rounds()];
        try (SleepingDevices<Integer> devices = new SleepingDevices<>(count, TIMES, 0)) {
            for (int round = 0; round < ratios.length; round++) {
                long[] arrivals = Arrivals.poisson(rate, requests, round);
                double ideal = Summary.mean(DeviceSimulation.latencies(arrivals, count, TIMES));
                double measured = Summary.mean(OpenLoop.latencies(arrivals, devices::submit));
                devices.takeRuns();
                ratios[round] = measured / ideal;
            }
        }
        return ratios;
    }
}
