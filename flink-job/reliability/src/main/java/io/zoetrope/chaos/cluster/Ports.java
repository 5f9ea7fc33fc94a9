package io.zoetrope.chaos.cluster;

import io.zoetrope.chaos.process.FreePorts;
import java.io.IOException;
import java.util.List;

/** The fixed ports of a cluster. */
record Ports(int zooKeeper, int broker, int rpc, int rest) {
    static Ports find() throws IOException {
        List<Integer> free = FreePorts.find(4);
        return new Ports(free.get(0), free.get(1), free.get(2), free.get(3));
    }
}
