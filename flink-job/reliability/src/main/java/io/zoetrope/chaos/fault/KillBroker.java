package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.Random;

/** SIGKILL of the only broker, which is started again after up to 5 s. */
public final class KillBroker implements Fault {
    private static final int LONGEST_OUTAGE_MILLIS = 5000;

    @Override
    public String kind() {
        return "broker-kill";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess broker = target.cluster().broker();
        CommitPhase phase = CommitPhase.choose(random);
        phase.await(target);
        int outage = random.nextInt(LONGEST_OUTAGE_MILLIS);
        Strike strike = Strike.now("phase " + phase + ", started again after " + outage + " ms");
        broker.kill();
        Thread.sleep(outage);
        broker.start();
        return strike;
    }
}
