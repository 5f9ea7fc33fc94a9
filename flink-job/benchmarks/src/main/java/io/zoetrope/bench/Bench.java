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
import io.zoetrope.cli.KafkaOptions;
import io.zoetrope.cli.UsageException;
import io.zoetrope.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code ./zoetrope bench}: runs the measurements and writes the report. */
@Command(
        name = "zoetrope bench",
        header = "Measures the performance goals that can be measured without a GPU, and writes the report.",
        description = {
            "Every figure is a ratio that is measured in one run with the sides in turn. It is the median of the"
                    + " rounds,"
                    + " with its 95%% interval. Nothing else should run on the machine. The first call installs Ray"
                    + " Serve,"
                    + " the peer in Python, into flink-job/benchmarks/.venv.",
            "Kafka runs in this process, unless --bootstrap-servers, --client-properties or a --kafka.SETTING names"
                    + " another one. There the benchmarks create topics, consumer groups and transactional ids with"
                    + " new names, which the client has to be allowed to. They delete the topics at the end."
        },
        footer = {
            "",
            "The report is flink-job/benchmarks/report.md. With --quick or --only it is"
                    + " flink-job/benchmarks/target/report.md instead, because such a report is not complete.",
            "Exit codes: 0 everything was measured, 1 a measurement is missing, 2 the command failed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class Bench implements Callable<Integer> {
    private static final int OK = 0;
    private static final int SOME_MISSING = 1;
    private static final int COMMAND_FAILED = 2;

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
            description = "Run fewer and shorter rounds, for a first look: about five minutes on 2 cores.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures to this file, by key.")
    private @Nullable Path json;

    @Option(
            names = "--only",
            paramLabel = "KEY",
            split = ",",
            description = "Run only the measurements with these keys: lane_over_raw, job_over_raw, ... as in the JSON.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--python", hidden = true, description = "The Python of the environment in which Ray is installed.")
    private @Nullable Path python;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    private Bench() {}

    /** Runs the measurements and exits with the exit code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the measurements and returns the exit code. */
    static int run(String... arguments) {
        return new CommandLine(new Bench())
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    if (thrown instanceof UsageException || thrown instanceof ConfigException) {
                        command.getErr().println(thrown.getMessage());
                    } else {
                        thrown.printStackTrace(command.getErr());
                    }
                    return COMMAND_FAILED;
                })
                .execute(KafkaOptions.rewrite(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty("zoetrope.home", "")).toAbsolutePath();
        Instant started = Instant.now();
        List<Finding> findings = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        try (Broker broker = broker()) {
            ModelBundle bundle = ModelBundle.open(home.resolve("onnx-export/bundles/toybox-64"));
            Map<String, String> machine = Machine.describe(home, bundle);
            BenchmarkContext context = new BenchmarkContext(
                    new RunSize(quick), home, bundle, broker, Optional.ofNullable(python), started, System.err);
            for (Measurement measurement : chosen()) {
                measure(measurement, context, findings, missing);
            }
            Report report = new Report(command(), started, machine, findings, missing);
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

    /** Returns the Kafka that the options name, or else a broker in this process. */
    private Broker broker() throws IOException {
        boolean given = Stream.of(KafkaOptions.SERVERS, KafkaOptions.FILE, KafkaOptions.SETTING)
                .anyMatch(spec.commandLine().getParseResult()::hasMatchedOption);
        return given ? Broker.of(kafka.value()) : Broker.start();
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

    /** Runs one measurement. A measurement that fails is logged, and the others still run. */
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
            missing.put(measurement.key(), "the measurement failed with " + e);
            context.log(measurement.key() + ": failed");
            e.printStackTrace(context.err());
        }
    }

    private String command() {
        return "./zoetrope bench" + (quick ? " --quick" : "")
                + (only.isEmpty() ? "" : " --only " + String.join(",", only));
    }
}
