package io.zoetrope.bench;

import io.zoetrope.bench.job.Broker;
import io.zoetrope.bench.measure.Allocation;
import io.zoetrope.bench.measure.DeliveryCost;
import io.zoetrope.bench.measure.HostCost;
import io.zoetrope.bench.measure.JobOverRaw;
import io.zoetrope.bench.measure.LaneOverRaw;
import io.zoetrope.bench.measure.LatencyOverSimulation;
import io.zoetrope.bench.measure.MemoryOfSlots;
import io.zoetrope.bench.measure.OverFlinkPeer;
import io.zoetrope.bench.measure.OverRayServe;
import io.zoetrope.bench.measure.SaturatedSecond;
import io.zoetrope.bench.measure.Scaling;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Report;
import io.zoetrope.bundle.ModelBundle;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./zoetrope bench}: measures, and writes the report. */
@Command(
        name = "zoetrope bench",
        header = "Measures what performance goals can be measured without a GPU, and writes the report.",
        description = {
            "Every figure is a ratio taken in one run, its sides in turn; the median of the rounds, with its 95%% interval."
                    + " Nothing else should run on the machine. Ray Serve, the peer in Python, is installed into"
                    + " flink-job/benchmarks/.venv by the first call."
        },
        footer = {
            "",
            "The report is flink-job/benchmarks/report.md; with --quick or --only it goes to"
                    + " flink-job/benchmarks/target/report.md, for it is not the one to be kept.",
            "Exit codes: 0 all was measured, 1 something could not be measured, 2 nothing could be done."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class Bench implements Callable<Integer> {
    private static final int OK = 0;
    private static final int SOME_MISSING = 1;
    private static final int NOTHING_DONE = 2;

    private static final List<Measurement> ALL = List.of(
            new LaneOverRaw(),
            new JobOverRaw(),
            new OverRayServe(),
            OverFlinkPeer.sessionPerSlot(),
            OverFlinkPeer.callPerRecord(),
            new Scaling(),
            new LatencyOverSimulation(),
            new MemoryOfSlots(),
            new DeliveryCost(),
            new HostCost(),
            new Allocation(),
            new SaturatedSecond());

    @Option(
            names = "--quick",
            description = "Fewer and shorter rounds, for a first look: about five minutes on 2 cores.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too, by key.")
    private @Nullable Path json;

    @Option(
            names = "--only",
            paramLabel = "KEY",
            split = ",",
            description = "Measure these alone: lane_over_raw, job_over_raw, ... as the keys of the JSON.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--python", hidden = true, description = "Python of the environment that has Ray.")
    private @Nullable Path python;

    private Bench() {}

    /** Measures and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench())
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    thrown.printStackTrace(command.getErr());
                    return NOTHING_DONE;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty("zoetrope.home", "")).toAbsolutePath();
        Instant begun = Instant.now();
        List<Finding> findings = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        try (Broker broker = Broker.start()) {
            ModelBundle bundle = ModelBundle.open(home.resolve("onnx-export/bundles/toybox-64"));
            Map<String, String> machine = Machine.describe(home, bundle);
            BenchmarkContext context = new BenchmarkContext(
                    new RunSize(quick), home, bundle, broker, Optional.ofNullable(python), begun, System.err);
            for (Measurement measurement : chosen()) {
                measure(measurement, context, findings, missing);
            }
            Report report = new Report(command(), begun, machine, findings, missing);
            boolean kept = !quick && only.isEmpty();
            Path folder = kept ? context.file("") : context.file("target");
            report.write(folder);
            context.log("the report is "
                    + home.relativize(folder.resolve("report.md").normalize()));
            if (json != null) {
                report.writeJson(json);
            }
        }
        return missing.isEmpty() ? OK : SOME_MISSING;
    }

    private List<Measurement> chosen() {
        List<String> keys = ALL.stream().map(Measurement::key).toList();
        if (!keys.containsAll(only)) {
            throw new CommandLine.ParameterException(
                    new CommandLine(this), "--only: expected some of " + keys + ", got " + only);
        }
        return ALL.stream()
                .filter(measurement -> only.isEmpty() || only.contains(measurement.key()))
                .toList();
    }

    /** One that fails does not take the others with it. */
    private static void measure(
            Measurement measurement, BenchmarkContext context, List<Finding> findings, Map<String, String> missing) {
        try {
            Finding finding = measurement.measure(context);
            findings.add(finding);
            context.log(String.format(
                    "%s: %.4f (%.4f to %.4f), goal %s%s",
                    finding.key(),
                    finding.main().median(),
                    finding.main().low(),
                    finding.main().high(),
                    finding.goal(),
                    finding.met() ? "" : ", missed"));
        } catch (NotMeasuredException e) {
            missing.put(measurement.key(), String.valueOf(e.getMessage()));
            context.log(measurement.key() + ": not measured, " + e.getMessage());
        } catch (Exception e) {
            missing.put(measurement.key(), "it failed with " + e);
            context.log(measurement.key() + ": failed");
            e.printStackTrace(context.err());
        }
    }

    private String command() {
        return "./zoetrope bench" + (quick ? " --quick" : "")
                + (only.isEmpty() ? "" : " --only " + String.join(",", only));
    }
}
