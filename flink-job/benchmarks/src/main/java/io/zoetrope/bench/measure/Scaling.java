package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.Saturation;
import io.zoetrope.bench.device.SleepingDevices;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.report.Plot;
import io.zoetrope.bench.simulation.DeviceTimes;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Measures the throughput of many devices over that multiple of the throughput of one device. */
public final class Scaling implements Measurement {
    private static final DeviceTimes TIMES = new DeviceTimes(Duration.ofMillis(80), Duration.ofMillis(15), 8);
    private static final DeviceTimes SLOW = new DeviceTimes(Duration.ofSeconds(1), Duration.ZERO, 8);

    @Override
    public String key() {
        return "scaling";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        int[] counts = context.runSize().pick(new int[] {1, 64}, new int[] {1, 2, 4, 8, 16, 32, 64});
        List<SleepingDevices<Integer>> devices = new ArrayList<>();
        List<Figure> figures = new ArrayList<>();
        double[] fractions = new double[counts.length];
        List<Summary> fractionsOfCounts = new ArrayList<>();
        try {
            InterleavedRounds.Side[] sides = new InterleavedRounds.Side[counts.length];
            for (int i = 0; i < counts.length; i++) {
                int count = counts[i];
                SleepingDevices<Integer> simulated = new SleepingDevices<>(count, TIMES, 0);
                devices.add(simulated);
                sides[i] = () -> Saturation.of(simulated, count, TIMES, Duration.ofMillis(1500))
                        .rate();
            }
            context.log("scaling: 1 to 64 sleeping devices");
            InterleavedRounds results =
                    InterleavedRounds.measure(context.runSize().rounds(), sides);
            for (int i = 0; i < counts.length; i++) {
                Summary ratio = results.ratio(i, 0);
                Summary fraction = new Summary(
                        ratio.median() / counts[i], ratio.low() / counts[i], ratio.high() / counts[i], ratio.rounds());
                figures.add(Figure.ratio("" + counts[i], fraction));
                fractions[i] = fraction.median();
                fractionsOfCounts.add(fraction);
            }
            figures.add(Figure.ratio(
                    "one_device_over_its_own_limit", overLimit(results.values().get(0))));
        } finally {
            devices.forEach(SleepingDevices::close);
        }
        figures.add(Figure.ratio("busy_at_saturation_t_1_s", busy(context)));
        double[] xs = Arrays.stream(counts).asDoubleStream().toArray();
        return new Finding(
                key(),
                "From 1 to 64 devices",
                Goal.atLeast(0.99),
                fractionsOfCounts.stream()
                        .skip(1) // the fraction of one device is always 1
                        .min(Comparator.comparingDouble(Summary::median))
                        .orElseThrow(),
                "fraction of linear, at the number of devices with the lowest fraction",
                figures,
                List.of(
                        "Each device is a lane whose stage sleeps "
                                + TIMES.base().toMillis() + " ms + "
                                + TIMES.each().toMillis() + " ms per request, in batches of up to " + TIMES.maxBatch()
                                + ". One dispatch feeds all devices, with three full batches per device in flight. The"
                                + " rate is measured over whole runs. A figure whose name is a number is the rate of"
                                + " that number of devices, over the number times the rate of one device in the same"
                                + " round.",
                        "Busy is the share of time in which a device ran, with 1 s per batch. The goal is ≥ 0.999."),
                List.of(Plot.lines(
                        "scaling",
                        "Throughput of many devices",
                        "devices",
                        "fraction of linear",
                        true,
                        List.of(new Plot.Series("measured", xs, fractions)))));
    }

    private static Summary overLimit(double[] rates) {
        return Summary.of(
                Arrays.stream(rates).map(rate -> rate / TIMES.capacity()).toArray());
    }

    private static Summary busy(BenchmarkContext context) throws InterruptedException {
        int count = context.runSize().pick(4, 8);
        context.log("scaling: how busy devices are");
        try (SleepingDevices<Integer> devices = new SleepingDevices<>(count, SLOW, 0)) {
            double[] busy = new double[context.runSize().pick(1, 3)];
            for (int round = 0; round < busy.length; round++) {
                busy[round] = Saturation.of(devices, count, SLOW, Duration.ofSeconds(6))
                        .busy();
            }
            return Summary.of(busy);
        }
    }
}
