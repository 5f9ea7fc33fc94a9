package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.clock.ProcessClock;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** The wall clock of a TaskManager that runs tasks of the job jumps by up to two hours, forwards or backwards, for some seconds. */
public final class ShiftClock implements Fault {
    private static final int LARGEST_SECONDS = 2 * 60 * 60;
    private static final int MILLIS = 8000;

    @Override
    public String kind() {
        return "clock-shift";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        List<ProcessClock> clocks = target.cluster().clocks();
        int index = target.cluster().taskManagers().indexOf(KillTaskManager.choose(target, random));
        Duration shift = Duration.ofSeconds(random.nextInt(2 * LARGEST_SECONDS) - LARGEST_SECONDS);
        clocks.get(index).shift(shift);
        Strike strike = Strike.now(
                "taskmanager-" + (index + 1) + " by " + shift.toSeconds() + " s for " + MILLIS / 1000 + " s");
        Thread.sleep(MILLIS);
        clocks.get(index).shift(Duration.ZERO);
        return strike;
    }
}
