package io.zoetrope.chaos;

import io.zoetrope.chaos.fault.Fault;
import io.zoetrope.chaos.job.Plant;
import io.zoetrope.chaos.report.Report;
import io.zoetrope.chaos.report.ReportFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code ./zoetrope chaos}: causes faults on a cluster of separate processes, and audits all answers. */
@Command(
        name = "zoetrope chaos",
        header = "Kills, stops and starves a cluster under load, and audits every answer.",
        description = {
            "Starts ZooKeeper, a Kafka broker, a JobManager and three TaskManagers as processes of their own, publishes"
                    + " requests, causes faults one after the other in a random order, and compares a ledger of the"
                    + " requests with the committed answers. A sleeping device answers with clips that were encoded"
                    + " before, unless --bundle is given.",
            "The kinds of faults are listed below. disk-full needs root; without it the report says that this kind was"
                    + " not run."
        },
        footer = {
            "",
            "A run of at least 300 kills and 30000 requests writes flink-job/reliability/report.md, one of at least 10"
                    + " faults of each other kind others.md beside it, one that measures resources for at least 60"
                    + " minutes soak.md, a smaller one target/report.md.",
            "Exit codes: 0 each request was answered once, 1 some were not or the run ended early, 2 the command failed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class Chaos implements Callable<Integer> {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int COMMAND_FAILED = 2;
    private static final int LONG_RUN_KILLS = 300;
    private static final int LONG_RUN_REQUESTS = 30_000;
    private static final int LONG_RUN_OTHERS = 10;
    private static final int LONG_SOAK_MINUTES = 60;
    private static final Duration NO_LIMIT = Duration.ofDays(30);
    /**
     * The job takes its first restart delay again when it has run for 10 s without a fault. Kills in practice are
     * farther apart than that.
     */
    private static final Duration SPACING = Duration.ofSeconds(14);

    @Option(names = "--kills", paramLabel = "N", description = "SIGKILLs of processes. Default: ${DEFAULT-VALUE}.")
    private int kills = 20;

    @Option(
            names = "--others",
            paramLabel = "N",
            description = "Faults of each other kind, and a fifth of it of each way to stop and start. Default:"
                    + " ${DEFAULT-VALUE}.")
    private int others = 0;

    @Option(
            names = "--requests",
            paramLabel = "M",
            description = "Least number of requests. Default: ${DEFAULT-VALUE}.")
    private int requests = 1000;

    @Option(names = "--rate", paramLabel = "R", description = "Requests per second. Default: ${DEFAULT-VALUE}.")
    private double rate = 12;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Decides the faults, their order and their details. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--only",
            paramLabel = "KIND",
            split = ",",
            description = "Only faults of these kinds: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Kinds.class)
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--soak",
            paramLabel = "MINUTES",
            description = "Then measure memory, threads and open files of all processes for so long.")
    private int soak = 0;

    @Option(
            names = "--minutes",
            paramLabel = "MINUTES",
            description = "Cause no further fault after so long, and report how many are left. Default: no limit.")
    private @Nullable Integer minutes;

    @Option(names = "--bundle", description = "Answer with the shipped model instead of the sleeping device.")
    private boolean bundle;

    @Option(
            names = "--plant",
            paramLabel = "FAULT",
            description = "Plant a fault into the job that the audit has to find: ${COMPLETION-CANDIDATES}.")
    private Plant plant = Plant.NONE;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write the report to this file as JSON, again after each fault.")
    private @Nullable Path json;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description =
                    "Folder of the ledger, the logs and all data. Default: a temporary folder, which is deleted if"
                            + " each request was answered once.")
    private @Nullable Path folder;

    private Chaos() {}

    /** The names of the kinds, for the help. */
    private static final class Kinds extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Kinds() {
            super(Schedule.kinds());
        }
    }

    /** Runs the command and exits with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Chaos())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((thrown, command, parsed) -> {
                    thrown.printStackTrace(command.getErr());
                    return COMMAND_FAILED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (!Schedule.kinds().containsAll(only)) {
            throw new CommandLine.ParameterException(
                    new CommandLine(this), "--only: expected some of " + Schedule.kinds() + ", got " + only);
        }
        Path home = Path.of(System.getProperty("zoetrope.home", "")).toAbsolutePath();
        Path work = folder == null ? Files.createTempDirectory("zoetrope-chaos") : folder.toAbsolutePath();
        Duration limit = minutes == null ? NO_LIMIT : Duration.ofMinutes(minutes);
        Plan plan = new Plan(home, work, requests, rate, seed, bundle, plant, SPACING, Duration.ofMinutes(soak), limit);
        List<Fault> faults = Schedule.of(kills, others, only, new Random(seed));
        Report report = new Campaign(plan, faults, command(), line -> System.err.println(line), this::writeJson).run();
        Path markdown = home.resolve("flink-job/reliability").resolve(reportFile());
        ReportFiles.writeMarkdown(report, markdown);
        System.err.println("the report is " + home.relativize(markdown));
        writeJson(report);
        report.audit().ifPresent(audit -> {
            System.out.println("%d requests, %d videos, %d failures, %d lost, %d answered twice"
                    .formatted(
                            audit.requests(),
                            audit.videos(),
                            audit.failures(),
                            audit.lost().size(),
                            audit.doubled().size()));
            audit.faults().forEach(System.out::println);
        });
        if (folder == null && report.passed()) {
            delete(work);
        }
        return report.passed() ? OK : FAILED;
    }

    private void writeJson(Report report) {
        if (json == null) {
            return;
        }
        try {
            ReportFiles.writeJson(report, json);
        } catch (IOException e) {
            throw new UncheckedIOException("the report could not be written to " + json, e);
        }
    }

    private String reportFile() {
        if (plant == Plant.NONE && kills >= LONG_RUN_KILLS && requests >= LONG_RUN_REQUESTS) {
            return "report.md";
        }
        if (plant == Plant.NONE && only.isEmpty() && others >= LONG_RUN_OTHERS) {
            return "others.md";
        }
        return soak >= LONG_SOAK_MINUTES ? "soak.md" : "target/report.md";
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String command() {
        List<String> words = new ArrayList<>(List.of("./zoetrope chaos --kills " + kills));
        if (others > 0) {
            words.add("--others " + others);
        }
        words.add("--requests " + requests + " --rate " + rate + " --seed " + seed);
        if (!only.isEmpty()) {
            words.add("--only " + String.join(",", only));
        }
        if (soak > 0) {
            words.add("--soak " + soak);
        }
        if (minutes != null) {
            words.add("--minutes " + minutes);
        }
        if (bundle) {
            words.add("--bundle");
        }
        if (plant != Plant.NONE) {
            words.add("--plant " + plant.name().toLowerCase(Locale.ROOT));
        }
        return String.join(" ", words);
    }
}
