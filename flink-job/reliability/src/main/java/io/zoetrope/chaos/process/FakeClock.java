package io.zoetrope.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A wall clock of one process that can be shifted while the process runs, by the library libfaketime. The monotonic
 * clock stays correct, as it does when an operator sets the clock of a machine.
 *
 * @param library the preloaded library
 * @param file the file from which the library reads the shift, at most a second late
 */
public record FakeClock(Path library, Path file) {
    private static final List<String> PLACES = List.of(
            "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
            "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
            "/usr/lib64/faketime/libfaketimeMT.so.1",
            "/usr/lib/faketime/libfaketimeMT.so.1");

    /** Returns the library; empty if it is not installed. */
    public static Optional<Path> findLibrary() {
        return PLACES.stream().map(Path::of).filter(Files::exists).findFirst();
    }

    /** Creates a clock that is not shifted. */
    public FakeClock {
        write(file, Duration.ZERO);
    }

    /** Returns the environment of a process with this clock. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_DONT_RESET",
                "1");
    }

    /** Shifts the clock, relative to the true time. */
    public void shift(Duration by) {
        write(file, by);
    }

    private static void write(Path file, Duration shift) {
        try {
            Files.writeString(file, (shift.isNegative() ? "" : "+") + shift.toSeconds() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the clock file " + file + " could not be written", e);
        }
    }
}
