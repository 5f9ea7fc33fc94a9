package io.zoetrope.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a TCP port; 0 lets the system choose one. */
final class PortConverter implements ITypeConverter<Integer> {
    private static final int LAST = 65535;

    @Override
    public Integer convert(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= LAST) {
                return port;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new TypeConversionException(
                "expected a port from 1 to " + LAST + ", or 0 for a free one, found \"" + text + "\"");
    }

    /**
     * Checks that no program listens on a port that the user has chosen.
     *
     * @param host the address or host name to listen on
     * @throws UsageException if one does
     */
    static void requireFree(String option, String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UsageException(
                    option + " " + port + ": another program uses this port (" + e.getMessage()
                            + "); stop it, give another port, or leave the option out to get a free one",
                    e);
        }
    }
}
