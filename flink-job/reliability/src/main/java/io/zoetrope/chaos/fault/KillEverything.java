package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.Random;

/** SIGKILL of all processes at once, as when a machine loses its power. */
public final class KillEverything implements Fault {
    @Override
    public String kind() {
        return "all-kill";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        Strike strike = Strike.now("all processes");
        for (JvmProcess process : target.cluster().processes()) {
            process.kill();
        }
        target.cluster().repair();
        return strike;
    }
}
