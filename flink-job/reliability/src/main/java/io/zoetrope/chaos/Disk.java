package io.zoetrope.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system in memory, so that it can be full without harm to the machine. */
final class Disk implements AutoCloseable {
    private static final String SIZE = "size=512m";

    private final Path folder;
    private boolean mounted;

    private Disk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    /** Mounts the file system if this user may; otherwise the folder is a part of the machine's disk. */
    static Disk mount(Path folder) throws IOException {
        Files.createDirectories(folder);
        Disk disk = new Disk(folder, run("mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", folder.toString()));
        Runtime.getRuntime().addShutdownHook(new Thread(disk::close, "unmount"));
        return disk;
    }

    /** Returns whether the folder is a file system of its own. */
    synchronized boolean isMounted() {
        return mounted;
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // the program is not installed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public synchronized void close() {
        if (mounted) {
            mounted = false;
            run("umount", "-l", folder.toString());
        }
    }
}
