package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.List;
import java.util.Random;

/** SIGKILL of a TaskManager, at any time or between a checkpoint and its commit. */
public final class KillTaskManager implements Fault {
    @Override
    public String kind() {
        return "taskmanager-kill";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess process = choose(target.cluster().taskManagers(), random);
        CommitPhase phase = CommitPhase.choose(random);
        phase.await(target);
        Strike strike = Strike.now(process.name() + ", phase " + phase);
        process.kill();
        process.start();
        return strike;
    }

    static JvmProcess choose(List<JvmProcess> processes, Random random) {
        return processes.get(random.nextInt(processes.size()));
    }
}
