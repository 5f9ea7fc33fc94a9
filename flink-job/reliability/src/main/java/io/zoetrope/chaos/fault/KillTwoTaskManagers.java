package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.ArrayList;
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
        JvmProcess first = KillTaskManager.choose(target, random);
        List<JvmProcess> others = new ArrayList<>(target.cluster().taskManagers());
        others.remove(first);
        JvmProcess second = others.get(random.nextInt(others.size()));
        int delay = random.nextInt(LONGEST_DELAY_MILLIS);
        first.kill();
        Thread.sleep(delay);
        Strike strike = Strike.now(first.name() + ", and " + second.name() + " after " + delay + " ms");
        second.kill();
        first.start();
        second.start();
        return strike;
    }
}
