package io.zoetrope.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.DeviceGauges.BatchChoice;
import io.zoetrope.device.FixedDevice;
import io.zoetrope.device.RequestCost;
import io.zoetrope.scaling.ScalingSimulation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Compares scaling by device-seconds with other rules, and the committed report with the simulation. */
@Tag("slow")
class ScalingReportTest {
    private static final Path REPORT = Path.of("../docs/scaling-simulation.md");
    private static final long SEED = 20261129;
    /** A model of 6 s a usual prompt: 20 ms of text in batches of 8, 5 s of generation, and 0.98 s of decoding. */
    private static final RequestCost COST = RequestCost.of(List.of(new FixedDevice(
                    "cuda:0", 1, choice("text", 8, 160), choice("generate", 1, 5000), choice("decode", 1, 980))))
            .orElseThrow();

    private static final List<Policy> POLICIES = List.of(
            new Policy.Fixed(4),
            new Policy.Fixed(6),
            new Policy.Fixed(8),
            new Policy.Fixed(12),
            new Policy.Fixed(20),
            new Policy.ByRecords(1),
            new Policy.ByRecords(2),
            new Policy.ByRecords(5),
            new Policy.ByRecords(10),
            new Policy.ByRecords(20),
            new Policy.ByDeviceSeconds(60),
            new Policy.ByDeviceSeconds(120),
            new Policy.ByDeviceSeconds(300));

    @Test
    void theCommittedReportIsWhatTheSimulationGives() throws IOException {
        Map<Policy, Result> exact = results(1);
        Map<Policy, Result> optimistic = results(1.2);
        String report = report(exact, optimistic);
        if (Boolean.getBoolean("scaling.write")) {
            Files.writeString(REPORT, report);
        }

        assertThat(Files.readString(REPORT)).isEqualTo(report);
        for (Map<Policy, Result> results : List.of(exact, optimistic)) {
            assertThat(POLICIES)
                    .filteredOn(policy -> policy instanceof Policy.ByRecords)
                    .allSatisfy(records -> assertThat(POLICIES)
                            .filteredOn(policy -> policy instanceof Policy.ByDeviceSeconds)
                            .as("rules by device-seconds that cost no more and wait about as long as " + records.name())
                            .anyMatch(other -> isBetter(of(results, other), of(results, records))));
        }
    }

    private static Result of(Map<Policy, Result> results, Policy policy) {
        return Objects.requireNonNull(results.get(policy));
    }

    private static boolean isBetter(Result one, Result other) {
        return one.deviceHours() <= other.deviceHours() && one.waitAt(0.99) <= 1.15 * other.waitAt(0.99);
    }

    private static Map<Policy, Result> results(double exponent) {
        DayOfPrompts day = DayOfPrompts.generate(SEED, exponent);
        Map<Policy, Result> results = new LinkedHashMap<>();
        POLICIES.forEach(policy -> results.put(policy, new ScalingSimulation(day, policy, COST).run()));
        return results;
    }

    private static String report(Map<Policy, Result> exact, Map<Policy, Result> optimistic) {
        DayOfPrompts day = DayOfPrompts.generate(SEED, 1);
        List<String> lines = new ArrayList<>(List.of(
                "# Scaling: a simulated day",
                "",
                "Written by `./mvnw -pl flink-job -am -Dtest=ScalingReportTest -Dexcluded.tests= -Dscaling.write=true"
                        + " test`; the slow tests compare this file with the simulation.",
                "",
                "The day (`DayOfPrompts`, seed " + SEED + "): " + day.prompts().size()
                        + " prompts of one model in three shapes. Drafts (1 step, 25 frames) and usual prompts (4 steps, 81"
                        + " frames, 832x480) are Poisson arrivals that peak at 14:00; finals (8 steps, 121 frames,"
                        + " 1280x704) come in bursts of 80, one an hour from 1:00 to 5:00 and six at random times. A usual"
                        + " prompt takes " + f(COST.seconds()) + " s of a device, a draft 0.08 and a final 6.7 times as"
                        + " long, with a log-normal spread of 15%. Together they need "
                        + f(day.work() * COST.seconds() / 3600) + " device-hours.",
                "",
                "The job's own code computes what the autoscaler reads: the work of a prompt (`ModelLimits`), the waiting"
                        + " work (`FairQueue`) and the seconds of a usual prompt (`RequestCost`, from a table of measured"
                        + " batches). The autoscaler decides each 15 s and takes the highest wish of the last 300 s, as the"
                        + " HPA of Kubernetes does, between 1 and 40 devices. A device is ready 90 s after its request, and"
                        + " costs from its request on. A change of the number of devices restarts the job: nothing runs for"
                        + " 5 s, and what ran begins again. By device-seconds, the rule is `demand / 0.8 +"
                        + " waitingDeviceSeconds / D`. The 90 s, 5 s and 6 s are assumptions, no measurements.",
                "",
                "## The cost of a prompt is what its work says",
                ""));
        lines.addAll(table(exact));
        lines.addAll(List.of(
                "",
                "## The job underestimates large videos",
                "",
                "The real time grows with the work to the power 1.2, so a final takes 9.9 times a usual prompt, where the"
                        + " job computes 6.7.",
                ""));
        lines.addAll(table(optimistic));
        return String.join("\n", lines) + "\n";
    }

    private static List<String> table(Map<Policy, Result> results) {
        List<String> rows = new ArrayList<>(
                List.of("| rule | wait p50 | p99 | longest | device-hours | restarts |", "|---|---|---|---|---|---|"));
        results.forEach((policy, result) -> rows.add("| " + policy.name() + " | " + f(result.waitAt(0.5)) + " s | "
                + f(result.waitAt(0.99)) + " s | " + f(result.waitAt(1)) + " s | " + f(result.deviceHours()) + " | "
                + result.restarts() + " |"));
        return rows;
    }

    private static String f(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }

    private static BatchChoice choice(String stage, int size, int millis) {
        return new BatchChoice(stage, "1", size, Map.of(size, Duration.ofMillis(millis)));
    }
}
