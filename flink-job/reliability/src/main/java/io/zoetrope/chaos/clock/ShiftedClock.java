package io.zoetrope.chaos.clock;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The wall clock of this process, shifted by the duration in a file. {@link ClockAgent} replaces calls of the JDK's
 * clock by calls of these methods.
 */
public final class ShiftedClock {
    static final String FILE = "chaos.clock";

    private static final long POLL_MILLIS = 200;

    private static volatile long shiftMillis;

    private ShiftedClock() {}

    /** Replaces {@link System#currentTimeMillis}. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + shiftMillis;
    }

    /** Replaces {@link Instant#now()}. */
    public static Instant now() {
        return Instant.now().plusMillis(shiftMillis);
    }

    /** Replaces {@link InstantSource#system}, which is serializable too. */
    public static InstantSource system() {
        return (InstantSource & Serializable) ShiftedClock::now;
    }

    /** Starts to read the shift from the file, several times a second. */
    static void follow(Path file) {
        Thread thread = new Thread(
                () -> {
                    while (true) {
                        try {
                            shiftMillis = Long.parseLong(Files.readString(file).strip());
                            Thread.sleep(POLL_MILLIS);
                        } catch (IOException | NumberFormatException e) {
                            // The file is being written.
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                },
                "shifted-clock");
        thread.setDaemon(true);
        thread.start();
    }

    /** Writes the shift of the process that follows a file. */
    static void write(Path file, Duration shift) throws IOException {
        Files.writeString(file, Long.toString(shift.toMillis()));
    }
}
