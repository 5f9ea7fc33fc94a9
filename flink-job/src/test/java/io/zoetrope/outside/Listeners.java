package io.zoetrope.outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The TCP sockets that a process listens on, as Linux reports them under {@code /proc}. */
public final class Listeners {
    private static final String LISTEN = "0A";
    private static final int ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private Listeners() {}

    /** Returns {@code address:port} of every socket that the process listens on; nothing if it has ended. */
    public static List<String> of(ProcessHandle process) throws IOException {
        try {
            return read(process);
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static List<String> read(ProcessHandle process) throws IOException {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        Set<String> own = sockets(proc.resolve("fd"));
        List<String> listeners = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields[STATE].equals(LISTEN) && own.contains("socket:[" + fields[INODE] + "]")) {
                    listeners.add(readable(fields[ADDRESS]));
                }
            }
        }
        return listeners;
    }

    /** Returns the listeners that other machines can reach. */
    public static List<String> outside(List<String> listeners) {
        return listeners.stream()
                .filter(listener -> !address(listener).isLoopbackAddress())
                .toList();
    }

    private static InetAddress address(String listener) {
        try {
            return InetAddress.getByName(listener.substring(0, listener.lastIndexOf(':')));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> sockets(Path descriptors) throws IOException {
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.map(Listeners::target).collect(Collectors.toSet());
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /** Reads {@code 0100007F:1F91}: words of four bytes, the lowest byte first, then the port. */
    private static String readable(String hex) {
        byte[] words = HexFormat.of().parseHex(hex.substring(0, hex.indexOf(':')));
        byte[] bytes = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i / 4 * 4 + 3 - i % 4];
        }
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + ":"
                    + Integer.parseInt(hex.substring(hex.indexOf(':') + 1), 16);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(hex, e);
        }
    }
}
