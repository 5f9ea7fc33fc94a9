package io.zoetrope.flink;

import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;

/**
 * The folder that holds the checkpoints and savepoints of one job, on any file system that Flink supports. The job
 * restores the newest of them when it starts:
 *
 * <pre>
 * FOLDER/checkpoints/JOB ID/chk-N/_metadata
 * FOLDER/savepoints/savepoint-ID/_metadata
 * </pre>
 *
 * @param path the path of the folder
 */
public record StateFolder(Path path) {
    /** The file that Flink writes last, so a checkpoint that contains it is complete. */
    private static final String METADATA = "_metadata";

    /**
     * Returns the folder at a path or a URI. Does not check or create it.
     *
     * @throws IllegalArgumentException if the text is not a path and not a URI
     */
    public static StateFolder of(String folder) {
        return new StateFolder(
                folder.matches("[a-zA-Z][a-zA-Z0-9+.-]*:/.*")
                        ? new Path(folder)
                        : new Path(
                                "file",
                                null,
                                java.nio.file.Path.of(folder).toAbsolutePath().toString()));
    }

    /** Returns the folder as a path of this machine's file system; empty if it is on another file system. */
    public Optional<java.nio.file.Path> local() {
        return "file".equals(path.toUri().getScheme())
                ? Optional.of(java.nio.file.Path.of(path.getPath()))
                : Optional.empty();
    }

    /** Returns the folder that savepoints are written to. */
    public String savepoints() {
        return new Path(path, "savepoints").toString();
    }

    private Path checkpoints() {
        return new Path(path, "checkpoints");
    }

    /**
     * Returns the newest complete checkpoint or savepoint; empty if there is none. The newest one has the highest
     * checkpoint id, which a restored job continues to count, so clocks do not matter.
     *
     * @throws IOException if the folder, or a checkpoint in it, exists and cannot be read
     */
    public Optional<String> newest() throws IOException {
        List<FileStatus> metadata = new ArrayList<>();
        for (FileStatus job : children(checkpoints())) {
            for (FileStatus checkpoint : children(job.getPath())) {
                addMetadata(checkpoint, metadata);
            }
        }
        for (FileStatus savepoint : children(new Path(savepoints()))) {
            addMetadata(savepoint, metadata);
        }
        List<Snapshot> snapshots = new ArrayList<>();
        for (FileStatus file : metadata) {
            snapshots.add(new Snapshot(
                    file.getPath().getParent().toString(), checkpointId(file.getPath()), file.getModificationTime()));
        }
        return snapshots.stream()
                .max(Comparator.comparingLong(Snapshot::checkpointId).thenComparingLong(Snapshot::modified))
                .map(Snapshot::path);
    }

    private record Snapshot(String path, long checkpointId, long modified) {}

    private static long checkpointId(Path metadata) throws IOException {
        try (DataInputStream in = new DataInputStream(metadata.getFileSystem().open(metadata))) {
            return Checkpoints.loadCheckpointMetadata(in, StateFolder.class.getClassLoader(), metadata.toString())
                    .getCheckpointId();
        } catch (IOException e) {
            throw new IOException(
                    "the checkpoint " + metadata + " cannot be read (" + e
                            + "); delete its folder to restore the one before",
                    e);
        }
    }

    /**
     * Returns the settings of a job that keeps its state here and restores some state.
     *
     * @param restored the checkpoint or savepoint to restore; empty to start without state
     * @param mode CLAIM if no other job can use that state: the job then deletes it once it has a newer checkpoint
     */
    public Configuration settings(Optional<String> restored, RecoveryClaimMode mode) {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints().toString());
        settings.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, savepoints());
        restored.ifPresent(state -> {
            settings.set(StateRecoveryOptions.SAVEPOINT_PATH, state);
            settings.set(StateRecoveryOptions.RESTORE_MODE, mode);
        });
        return settings;
    }

    private static void addMetadata(FileStatus folder, List<FileStatus> metadata) throws IOException {
        for (FileStatus file : children(folder.getPath())) {
            if (file.getPath().getName().equals(METADATA)) {
                metadata.add(file);
            }
        }
    }

    private static List<FileStatus> children(Path folder) throws IOException {
        FileSystem files = folder.getFileSystem();
        try {
            FileStatus[] found =
                    files.exists(folder) && files.getFileStatus(folder).isDir() ? files.listStatus(folder) : null;
            return found == null ? List.of() : List.of(found);
        } catch (FileNotFoundException e) {
            return List.of(); // a checkpoint that was deleted meanwhile
        }
    }
}
