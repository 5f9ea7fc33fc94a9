package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.Random;

/** SIGKILL of the JobManager. The one that is started in its place recovers the job through ZooKeeper. */
public final class KillJobManager implements Fault {
    @Override
    public String kind() {
        return "jobmanager-kill";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess process = target.cluster().jobManager();
        CommitPhase phase = CommitPhase.choose(random);
        phase.await(target);
        Strike strike = Strike.now("phase " + phase);
        process.kill();
        process.start();
        return strike;
    }
}
