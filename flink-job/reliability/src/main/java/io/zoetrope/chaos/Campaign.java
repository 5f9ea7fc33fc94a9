package io.zoetrope.chaos;

import io.zoetrope.ServedBundles;
import io.zoetrope.chaos.cluster.Cluster;
import io.zoetrope.chaos.cluster.Layout;
import io.zoetrope.chaos.fault.Fault;
import io.zoetrope.chaos.fault.Recovered;
import io.zoetrope.chaos.fault.RecoveryProbe;
import io.zoetrope.chaos.fault.Strike;
import io.zoetrope.chaos.fault.Target;
import io.zoetrope.chaos.job.JobSpec;
import io.zoetrope.chaos.job.Plant;
import io.zoetrope.chaos.job.RunningJob;
import io.zoetrope.chaos.job.SleepingEngines;
import io.zoetrope.chaos.ledger.AnswerTopics;
import io.zoetrope.chaos.ledger.AnswerWatch;
import io.zoetrope.chaos.ledger.AnswerWatch.Arrival;
import io.zoetrope.chaos.ledger.Audit;
import io.zoetrope.chaos.ledger.Auditor;
import io.zoetrope.chaos.ledger.Ledger;
import io.zoetrope.chaos.ledger.Load;
import io.zoetrope.chaos.process.Poll;
import io.zoetrope.chaos.report.Event;
import io.zoetrope.chaos.report.Percentiles;
import io.zoetrope.chaos.report.Report;
import io.zoetrope.chaos.report.Soak;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;

/** A run: starts the cluster, publishes requests, causes the faults one after the other, and audits all answers. */
public final class Campaign {
    private static final int PARALLELISM = 2;
    private static final int SPARE_SLOTS = 1;
    private static final Duration PER_VIDEO = Duration.ofMillis(50);
    /** Shorter than a soak, so that the remembered request ids do not grow all the time. */
    private static final Duration SOAK_RETENTION = Duration.ofMinutes(5);

    private static final Duration FIRST_ANSWER = Duration.ofMinutes(5);
    private static final int LONGEST_CALM_MILLIS = 2500;
    /** Requests that wait longer would lengthen the recovery from the next fault. */
    private static final int SECONDS_OF_BACKLOG = 4;

    private static final Duration BACKLOG = Duration.ofMinutes(10);
    /** With a planted fault, answers are missing that the run must not wait for. */
    private static final Duration PLANTED_DRAIN = Duration.ofSeconds(15);

    private final Plan plan;
    private final List<Fault> faults;
    private final String command;
    private final Consumer<String> log;
    private final Consumer<Report> progress;
    private final Map<String, String> machine;
    private final Instant started = Instant.now();
    private final List<Event> events = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private Optional<Audit> audit = Optional.empty();
    private Optional<Percentiles> latency = Optional.empty();
    private Optional<Soak> soak = Optional.empty();
    private Optional<String> ended = Optional.empty();
    private Instant last = Instant.EPOCH;

    /**
     * Creates a run.
     *
     * @param faults the faults, in their order
     * @param command the command that repeats it
     * @param log receives a line for each fault
     * @param progress receives a report after each fault
     */
    public Campaign(Plan plan, List<Fault> faults, String command, Consumer<String> log, Consumer<Report> progress) {
        this.plan = plan;
        this.faults = List.copyOf(faults);
        this.command = command;
        this.log = log;
        this.progress = progress;
        this.machine = describe(plan);
    }

    /**
     * Runs to the end. A run that a fault ends early reports what it did until then: the faults so far, and if the
     * broker answers, the audit.
     */
    public Report run() throws InterruptedException {
        try {
            runOrThrow();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            log.accept("ended early: " + e);
            ended = Optional.of(e + (e.getCause() == null ? "" : ", caused by " + e.getCause()));
        }
        return report();
    }

    private Report report() {
        Map<String, String> conditions = new LinkedHashMap<>(machine);
        conditions.put("load average at the end", Machine.load());
        return new Report(
                command,
                started,
                Duration.between(started, Instant.now()),
                conditions,
                List.copyOf(events),
                new LinkedHashMap<>(skipped),
                audit,
                latency,
                soak,
                ended);
    }

    private static Map<String, String> describe(Plan plan) {
        Map<String, String> machine = new LinkedHashMap<>(Machine.describe(plan.home()));
        machine.put(
                "model",
                plan.shippedBundle()
                        ? "the shipped bundle"
                        : "a sleeping device, " + PER_VIDEO.toMillis()
                                + " ms for each video, which answers with one of 8 encoded clips");
        machine.put(
                "cluster",
                PARALLELISM + " slots in use and " + SPARE_SLOTS
                        + " spare, one for each TaskManager; Flink settings of docs/flink/config.yaml");
        return machine;
    }

    private void runOrThrow() throws Exception {
        boolean clocks = faults.stream().anyMatch(fault -> fault.kind().equals("clock-shift"));
        Layout layout = new Layout(plan.folder(), plan.home(), PARALLELISM + SPARE_SLOTS, clocks);
        try (Disk disk = Disk.mount(layout.disk());
                Ledger ledger = Ledger.open(plan.folder().resolve("ledger.txt"));
                Cluster cluster = Cluster.start(layout);
                RunningJob job = new RunningJob(cluster, job(cluster))) {
            AnswerTopics topics = new AnswerTopics(
                    cluster.bootstrapServers(), JobOptions.DEFAULT_VIDEOS_TOPIC, JobOptions.DEFAULT_FAILURES_TOPIC);
            Auditor auditor = new Auditor(topics, JobOptions.DEFAULT_PROMPTS_TOPIC, ledger);
            job.start();
            try (Load load = new Load(
                            cluster.bootstrapServers(),
                            JobOptions.DEFAULT_PROMPTS_TOPIC,
                            "chaos-" + plan.seed(),
                            plan.perSecond(),
                            ledger);
                    AnswerWatch watch = new AnswerWatch(topics, ledger)) {
                Target target = new Target(cluster, job, load, ledger, watch, auditor);
                try {
                    strikeAll(target, disk);
                } finally {
                    latency = latency(watch.arrivals(0));
                    cluster.repair();
                    audit = Optional.of(auditor.audit());
                }
            }
        }
    }

    private void strikeAll(Target target, Disk disk) throws Exception {
        log.accept("cluster runs in " + plan.folder());
        target.load().resume();
        Poll.until(
                "the first answer is visible",
                FIRST_ANSWER,
                () -> target.watch().count() > 0);
        Random seeds = new Random(plan.seed());
        for (Fault fault : faults) {
            if (Duration.between(started, Instant.now()).compareTo(plan.limit()) > 0) {
                ended = Optional.of("%d faults were left after %d minutes"
                        .formatted(faults.size() - events.size(), plan.limit().toMinutes()));
                break;
            }
            long seed = seeds.nextLong();
            Optional<String> reason = reasonToSkip(fault, target, disk);
            if (reason.isPresent()) {
                skipped.put(fault.kind(), reason.get());
            } else {
                strike(target, fault, seed);
                progress.accept(report());
            }
        }
        if (!plan.soak().isZero()) {
            soak = Optional.of(ResourceUse.measure(plan.soak(), load(), target.cluster()));
        }
        Poll.until(
                "the last request is sent",
                Duration.ofHours(12),
                () -> target.ledger().size() >= plan.requests());
        drain(target);
    }

    private void drain(Target target) throws InterruptedException {
        if (plan.plant() == Plant.NONE) {
            target.drain();
        } else {
            target.load().pause();
            Thread.sleep(PLANTED_DRAIN.toMillis());
        }
    }

    private static Optional<String> reasonToSkip(Fault fault, Target target, Disk disk) {
        return switch (fault.kind()) {
            case "disk-full" ->
                disk.isMounted()
                        ? Optional.empty()
                        : Optional.of("this user may not mount a file system; run it as root");
            case "clock-shift" ->
                target.cluster().clocks().isEmpty()
                        ? Optional.of("the agent that shifts clocks is not in a jar; run ./zoetrope chaos")
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private void strike(Target target, Fault fault, long seed) throws Exception {
        Random random = new Random(seed);
        target.cluster().awaitTaskManagers();
        target.job().awaitRunning();
        Poll.until(
                "the backlog of the fault before is answered",
                BACKLOG,
                () -> target.ledger().size() - target.watch().count() < SECONDS_OF_BACKLOG * plan.perSecond());
        long calm = Duration.between(Instant.now(), last.plus(plan.spacing())).toMillis();
        Thread.sleep(Math.max(0, calm) + random.nextInt(LONGEST_CALM_MILLIS));
        try (RecoveryProbe probe = new RecoveryProbe(target.job())) {
            Strike strike = fault.strike(target, random);
            Arrival first = Recovered.awaitAnswerSentAfter(target, strike.sinceMillis());
            Event event = new Event(
                    events.size() + 1,
                    fault.kind(),
                    seed,
                    Instant.ofEpochMilli(strike.sinceMillis()),
                    strike.detail(),
                    first.visibleMillis() - strike.sinceMillis(),
                    probe.noticedMillis().map(millis -> Math.max(0, millis - strike.sinceMillis())),
                    probe.runningMillis().map(millis -> millis - strike.sinceMillis()));
            events.add(event);
            last = event.at();
            log.accept("%d %s (%s): answered again after %.1f s; %d requests, %d answered"
                    .formatted(
                            event.number(),
                            event.kind(),
                            event.detail(),
                            event.recoveryMillis() / 1000.0,
                            target.ledger().size(),
                            target.watch().count()));
        }
    }

    private String load() {
        String rate = plan.perSecond() + " requests per second";
        double busy = plan.perSecond() * PER_VIDEO.toMillis() / 1000 / PARALLELISM;
        return (plan.shippedBundle()
                        ? rate
                        : rate + ", which keep the devices busy for %.0f%% of the time".formatted(100 * busy))
                + "; the job remembers request ids for " + SOAK_RETENTION.toMinutes() + " minutes";
    }

    private static Optional<Percentiles> latency(List<Arrival> arrivals) {
        return arrivals.isEmpty()
                ? Optional.empty()
                : Optional.of(Percentiles.of(arrivals.stream()
                        .map(arrival -> arrival.latency().toMillis())
                        .toList()));
    }

    private JobSpec job(Cluster cluster) {
        String bundle = plan.home().resolve("onnx-export/bundles/toybox-64").toString();
        SleepingEngines sleeping = SleepingEngines.create(PER_VIDEO);
        Function<JobConfig, EngineSet> engines =
                plan.shippedBundle() ? config -> ServedBundles.of(config, 0) : config -> EngineSet.of(sleeping);
        JobSpec spec = new JobSpec(
                List.of(new Setting(JobOptions.BUNDLE.key(), bundle, "chaos")),
                List.of(
                        "--bootstrap-servers",
                        cluster.bootstrapServers(),
                        "--parallelism",
                        Integer.toString(PARALLELISM)),
                new Configuration(),
                engines,
                plan.plant());
        return plan.soak().isZero() ? spec : spec.with("--dedupe-retention", SOAK_RETENTION.toMinutes() + " min");
    }
}
