package io.zoetrope.chaos.cluster;

import io.zoetrope.chaos.process.FreePorts;
import java.io.IOException;
import java.util.List;

/** The fixed ports of a cluster. */
record Ports(int zooKeeper, int broker, int rpc, int rest, List<Integer> taskManagers) {
    private static final int OTHERS = 4;

    static Ports find(int taskManagers) throws IOException {
        List<Integer> free = FreePorts.find(OTHERS + taskManagers);
        return new Ports(
                free.get(0), free.get(1), free.get(2), free.get(3), free.subList(OTHERS, OTHERS + taskManagers));
    }
}
