package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.report.Plot;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import io.zoetrope.client.KafkaSettings;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;

/** Measures how the memory of a task manager grows with its slots, which share one model. */
public final class MemoryOfSlots implements Measurement {
    private static final String HEAP = "512m";

    @Override
    public String key() {
        return "rss_growth_8_slots";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        int[] slots = context.runSize().pick(new int[] {1, 8}, new int[] {1, 2, 4, 8});
        int rounds = context.runSize().pick(1, 3);
        InterleavedRounds results = InterleavedRounds.measure(
                rounds,
                IntStream.of(slots)
                        .mapToObj(count -> (InterleavedRounds.Side) () -> resident(context, count))
                        .toArray(InterleavedRounds.Side[]::new));
        List<Figure> figures = IntStream.range(0, slots.length)
                .mapToObj(i -> new Figure("rss_" + slots[i] + "_slots", results.side(i), "MiB"))
                .toList();
        double[] medians =
                results.values().stream().mapToDouble(Summary::median).toArray();
        return new Finding(
                key(),
                "Memory from 1 to 8 slots",
                Goal.atMost(1.05),
                results.ratio(slots.length - 1, 0),
                "resident memory of 8 slots over that of 1",
                figures,
                List.of("Each point is a separate process: a Flink cluster with that number of slots and the job with"
                        + " that parallelism on the shipped bundle, after a hundred videos. The broker runs in another"
                        + " process. The heap has the fixed size "
                        + HEAP
                        + " and is touched in advance, like the budget of a task manager, so every figure includes it."
                        + " A process takes tens of seconds, so there are fewer rounds than in other measurements."),
                List.of(Plot.lines(
                        "memory",
                        "Resident memory of a task manager",
                        "slots",
                        "MiB",
                        true,
                        List.of(new Plot.Series(
                                "RSS", Arrays.stream(slots).asDoubleStream().toArray(), medians)))));
    }

    private static double resident(BenchmarkContext context, int slots) throws IOException, InterruptedException {
        context.log("memory: " + slots + " slots");
        List<String> options = new ArrayList<>(ChildJvm.launcherOptions());
        options.addAll(List.of("-Xms" + HEAP, "-Xmx" + HEAP, "-XX:+AlwaysPreTouch"));
        KafkaSettings kafka = context.broker().clients();
        Path settings = write(kafka.given());
        try {
            List<String> output = ChildJvm.run(
                    options,
                    SlotsProbe.class,
                    SlotsProbe.RSS,
                    List.of(
                            kafka.servers(),
                            settings.toString(),
                            context.bundle().directory().toString(),
                            "" + slots,
                            "slots-" + slots,
                            "" + context.runSize().pick(40, 100)));
            return Long.parseLong(output.get(0)) / 1024.0;
        } finally {
            Files.delete(settings);
        }
    }

    /** Writes settings of Kafka's clients, which can be secret, to a file that only this user can read. */
    private static Path write(Map<String, String> settings) throws IOException {
        Properties properties = new Properties();
        properties.putAll(settings);
        Path file = Files.createTempFile("client", ".properties");
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return file;
    }
}
