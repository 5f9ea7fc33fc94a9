package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** SIGKILL of a TaskManager, and of another one while the job recovers, so that too few slots are left. */
public final class KillTwoTaskManagers implements Fault {
    private static final int LONGEST_DELAY_MILLIS = 5000;

    @Override
    public String kind() {
        return "taskmanager-kill-twice";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        List<JvmProcess> processes = new ArrayList<>(target.cluster().taskManagers());
        Collections.shuffle(processes, random);
        int delay = random.nextInt(LONGEST_DELAY_MILLIS);
        processes.get(0).kill();
        processes.get(0).start();
        Thread.sleep(delay);
        Strike strike =
                Strike.now(processes.get(0).name() + ", and " + processes.get(1).name() + " after " + delay + " ms");
        processes.get(1).kill();
        processes.get(1).start();
        return strike;
    }
}
