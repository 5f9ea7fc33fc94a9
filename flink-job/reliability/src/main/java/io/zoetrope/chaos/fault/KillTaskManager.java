package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** SIGKILL of a TaskManager that runs tasks of the job, at any time or between a checkpoint and its commit. */
public final class KillTaskManager implements Fault {
    /**
     * The time after which a supervisor starts a lost process again. On a real cluster it starts on another machine, and
     * does not take processor time from the recovery.
     */
    private static final Duration REPLACEMENT = Duration.ofSeconds(5);

    @Override
    public String kind() {
        return "taskmanager-kill";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess process = choose(target, random);
        CommitPhase phase = CommitPhase.choose(random);
        phase.await(target);
        Strike strike = Strike.now(process.name() + ", phase " + phase);
        process.kill();
        Thread.sleep(REPLACEMENT.toMillis());
        process.start();
        return strike;
    }

    /** Returns a TaskManager that runs tasks of the job. */
    static JvmProcess choose(Target target, Random random) throws IOException {
        List<JvmProcess> busy = target.job().taskManagers();
        return busy.get(random.nextInt(busy.size()));
    }
}
