package io.zoetrope.chaos.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * A full disk under the checkpoints for some seconds. The checkpoints are on a small file system in memory, which only
 * a user who may mount one can have.
 */
public final class FillDisk implements Fault {
    private static final int BLOCK = 1 << 16;
    private static final int SHORTEST_MILLIS = 3000;
    private static final int LONGEST_MILLIS = 10_000;

    @Override
    public String kind() {
        return "disk-full";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        int millis = SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS);
        Path filler = target.cluster().layout().disk().resolve("filler");
        try {
            fill(filler);
            Thread.sleep(millis);
        } finally {
            Files.deleteIfExists(filler);
        }
        return Strike.now("for " + millis + " ms");
    }

    private static void fill(Path filler) throws IOException {
        for (int size = BLOCK; size > 0; size /= 16) {
            try (OutputStream out =
                    Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                while (true) {
                    out.write(new byte[size]);
                }
            } catch (IOException e) {
                // No space is left for a block of this size.
            }
        }
    }
}
