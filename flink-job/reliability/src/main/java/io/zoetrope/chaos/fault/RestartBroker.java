package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import java.util.Random;

/** SIGTERM of the only broker, which is started again as soon as it has ended. */
public final class RestartBroker implements Fault {
    @Override
    public String kind() {
        return "broker-restart";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess broker = target.cluster().broker();
        long start = System.currentTimeMillis();
        broker.terminate();
        Strike strike = new Strike(start, "stopped in " + (System.currentTimeMillis() - start) + " ms");
        broker.start();
        return strike;
    }
}
