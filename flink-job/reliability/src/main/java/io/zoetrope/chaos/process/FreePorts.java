package io.zoetrope.chaos.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Finds ports of loopback that are free, below the range from which the system takes ports for clients. */
public final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;

    private FreePorts() {}

    /** Returns distinct ports. A process that is killed and started again needs the same port, so none can be 0. */
    public static List<Integer> find(int count) throws IOException {
        List<Integer> ports = new ArrayList<>();
        int start = FIRST + (int) (ProcessHandle.current().pid() * 37 % (END - FIRST));
        for (int i = 0; ports.size() < count && i < END - FIRST; i++) {
            int port = FIRST + (start - FIRST + i) % (END - FIRST);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IOException("fewer than " + count + " ports are free between " + FIRST + " and " + END);
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
