package io.zoetrope.flink;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that one slot has given to the engine, as files that outlive a process that ends without its shutdown
 * hooks: by a fault of native code, by {@code halt}, or by SIGKILL. A slot that opens the folder later finds them, and
 * counts the deaths of each request.
 *
 * <pre>
 * FOLDER/running/SLOT.lock               locked by the slot's process while it lives
 * FOLDER/running/SLOT/REQUEST.KIND       a request that the engine has; KIND is "alone" or "together"
 * FOLDER/deaths/REQUEST.DEATH.KIND       the same file, moved here after the death of its process
 * </pre>
 *
 * <p>Files are created, moved and deleted, and never read, so that each step is atomic. A request's file holds its
 * position and its id for people.
 */
final class RunningFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningFiles.class);

    /** Deaths of requests that another machine has answered are never deleted by their answer. */
    private static final Duration DEATHS_KEPT = Duration.ofDays(1);

    private static final String ALONE = ".alone";
    private static final String TOGETHER = ".together";
    private static final String LOCK = ".lock";

    private final Path deaths;
    private final Path slot;
    private final Path lockFile;
    private final FileChannel lock;
    private final Map<String, Deaths> counted = new HashMap<>();
    private final Thread hook = new Thread(this::delete, "forget-running-requests");
    private boolean closed;

    /**
     * How often a process died while it ran a request.
     *
     * @param together deaths while it ran other requests, too
     * @param alone deaths while it ran only this request
     */
    record Deaths(int together, int alone) {
        static final Deaths NONE = new Deaths(0, 0);

        private Deaths plus(Deaths other) {
            return new Deaths(together + other.together, alone + other.alone);
        }
    }

    private RunningFiles(Path folder) throws IOException {
        deaths = Files.createDirectories(folder.resolve("deaths"));
        Path running = Files.createDirectories(folder.resolve("running"));
        collect(running);
        count();
        String name = process() + UUID.randomUUID();
        lockFile = running.resolve(name + LOCK);
        lock = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var unused = lock.lock();
        slot = Files.createDirectory(running.resolve(name)); // after the lock, so that it never looks abandoned
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Opens the files of a slot, and counts the deaths of all requests.
     *
     * @throws IOException if the folder cannot be used
     */
    static RunningFiles open(Path folder) throws IOException {
        // Closing a file releases all locks that the process has on it, so only one slot may look at a time.
        synchronized (RunningFiles.class) {
            return new RunningFiles(folder);
        }
    }

    /** Returns the start of the names of this process's slots. Includes the start time, because process ids repeat. */
    private static String process() {
        ProcessHandle process = ProcessHandle.current();
        long startedAt = process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
        return process.pid() + "-" + startedAt + "-";
    }

    /** Moves the requests of dead processes to the deaths. */
    private void collect(Path running) throws IOException {
        for (Path other : children(running)) {
            String name = String.valueOf(other.getFileName());
            if (name.startsWith(process()) || !Files.isDirectory(other)) {
                continue;
            }
            Path otherLock = running.resolve(name + LOCK);
            try (FileChannel channel =
                            FileChannel.open(otherLock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock free = channel.tryLock()) {
                if (free != null) {
                    for (Path request : children(other)) {
                        Files.move(request, deaths.resolve(died(request)));
                    }
                    Files.delete(other);
                    Files.delete(otherLock);
                }
            } catch (NoSuchFileException e) {
                // Another process has collected them, or their own has ended properly.
            }
        }
    }

    /** Returns the name of a request's file after a death, which is different for each death. */
    private static String died(Path request) {
        String[] parts = String.valueOf(request.getFileName()).split("\\.", 2);
        return parts[0] + "." + UUID.randomUUID() + "." + parts[1];
    }

    private void count() throws IOException {
        Instant oldest = Instant.now().minus(DEATHS_KEPT);
        for (Path death : children(deaths)) {
            String name = String.valueOf(death.getFileName());
            try {
                if (Files.getLastModifiedTime(death).toInstant().isBefore(oldest)) {
                    Files.deleteIfExists(death);
                } else {
                    Deaths one = name.endsWith(ALONE) ? new Deaths(0, 1) : new Deaths(1, 0);
                    counted.merge(name.split("\\.", 2)[0], one, Deaths::plus);
                }
            } catch (NoSuchFileException e) {
                // Another slot has answered the request meanwhile.
            }
        }
    }

    /** Returns the deaths that were known when this slot opened. */
    synchronized Deaths deaths(KafkaEvent event) {
        return counted.getOrDefault(name(event), Deaths.NONE);
    }

    /** Notes that the engine is about to get a request. */
    synchronized void start(KafkaEvent event, boolean alone) {
        if (closed) {
            return;
        }
        try {
            Files.writeString(file(event, alone), event.position() + " " + event.requestId() + "\n");
        } catch (IOException e) {
            LOG.warn(
                    "the start of request {} was not noted ({}); if it ends the process, it will run once more",
                    event.requestId(),
                    e.toString());
        }
    }

    /** Notes that the engine has answered a request. Forgets its deaths. */
    synchronized void end(KafkaEvent event, boolean alone) {
        if (closed) {
            return;
        }
        try {
            Files.deleteIfExists(file(event, alone));
            if (counted.remove(name(event)) != null) {
                for (Path death : children(deaths)) {
                    if (String.valueOf(death.getFileName()).startsWith(name(event))) {
                        Files.deleteIfExists(death);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("the end of request {} was not noted: {}", event.requestId(), e.toString());
        }
    }

    private Path file(KafkaEvent event, boolean alone) {
        return slot.resolve(name(event) + (alone ? ALONE : TOGETHER));
    }

    /** Ids repeat after their retention, and positions in a topic that is created again; both together do not. */
    private static String name(KafkaEvent event) {
        return DigestUtils.sha256Hex(event.position() + " " + event.requestId());
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }

    /** Deletes the files of this slot: it ends properly, whatever it still runs. */
    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook has run or will find nothing to do.
        }
    }

    private synchronized void delete() {
        if (closed) {
            return;
        }
        closed = true;
        try (lock) {
            for (Path request : children(slot)) {
                Files.deleteIfExists(request);
            }
            Files.deleteIfExists(slot);
            Files.deleteIfExists(lockFile);
        } catch (IOException e) {
            LOG.warn("{} was not deleted: {}", slot, e.toString());
        }
    }
}
