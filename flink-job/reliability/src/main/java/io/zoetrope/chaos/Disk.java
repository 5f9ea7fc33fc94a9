package io.zoetrope.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system in memory, so that it can be full without harm to the machine. */
final class Disk implements AutoCloseable {
    private static final String SIZE = "size=512m";

    private final Path folder;
    private final boolean mounted;

    private Disk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    /** Mounts the file system if this user may; otherwise the folder is a part of the machine's disk. */
    static Disk mount(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return new Disk(folder, run("mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", folder.toString()));
    }

    /** Returns whether the folder is a file system of its own. */
    boolean isMounted() {
        return mounted;
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // the program is not installed
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (mounted) {
            run("umount", "-l", folder.toString());
        }
    }
}
