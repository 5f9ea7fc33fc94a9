package io.zoetrope.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.chaos.fault.Fault;
import io.zoetrope.chaos.fault.KillBroker;
import io.zoetrope.chaos.fault.KillEverything;
import io.zoetrope.chaos.fault.KillJobManager;
import io.zoetrope.chaos.fault.KillTaskManager;
import io.zoetrope.chaos.fault.KillTwoTaskManagers;
import io.zoetrope.chaos.fault.StopAndStart;
import io.zoetrope.chaos.job.Plant;
import io.zoetrope.chaos.report.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills and stops a cluster of separate processes under load: every request has to be answered exactly once. */
class ChaosIT {
    private static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    /** The faults send SIGKILL to 20 processes: all-kill to 6, taskmanager-kill-twice to 2. */
    @Test
    void everyRequestIsAnsweredOnceThoughProcessesAreKilled() throws Exception {
        Report report = run(
                List.of(
                        new KillTaskManager(),
                        new KillBroker(),
                        new KillEverything(),
                        new KillTaskManager(),
                        new KillJobManager(),
                        new KillTwoTaskManagers(),
                        new KillTaskManager(),
                        StopAndStart.RESCALE,
                        new KillEverything()),
                300);

        assertThat(report.ended()).isEmpty();
        assertThat(report.audit().orElseThrow().faults()).isEmpty();
        assertThat(report.audit().orElseThrow().videos()).isGreaterThanOrEqualTo(300);
        assertThat(report.kills()).isEqualTo(8);
    }

    @Test
    @Tag("slow")
    void everyRequestIsAnsweredOnceWhateverElseHappens() throws Exception {
        Report report = run(Schedule.of(0, 1, List.of(), new Random(1)), 1000);

        assertThat(report.ended()).isEmpty();
        assertThat(report.audit().orElseThrow().faults()).isEmpty();
    }

    private Report run(List<Fault> faults, int requests) throws Exception {
        Plan plan = new Plan(
                HOME, folder, requests, 12, 1, false, Plant.NONE, Duration.ZERO, Duration.ZERO, Duration.ofHours(1));
        return new Campaign(plan, faults, "the test", System.out::println, report -> {}).run();
    }
}
