package io.zoetrope.flink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
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

/**
 * The folder that holds the checkpoints and savepoints of one job, on any file system that Flink supports. The job
 * restores the newest of them when it starts:
 *
 * <pre>
 * FOLDER/checkpoints/JOB ID/chk-N/_metadata
 * FOLDER/savepoints/savepoint-ID/_metadata
 * </pre>
 *
 * @param uri the URI of the folder
 */
public record StateFolder(URI uri) {
    /** The file that Flink writes last, so a checkpoint that contains it is complete. */
    private static final String METADATA = "_metadata";

    /**
     * Returns the folder at a path or a URI. Does not check or create it.
     *
     * @throws IllegalArgumentException if the text is neither a path nor a URI
     */
    public static StateFolder of(String folder) {
        return new StateFolder(
                folder.matches("[a-zA-Z][a-zA-Z0-9+.-]*:/.*")
                        ? URI.create(folder)
                        : java.nio.file.Path.of(folder).toAbsolutePath().toUri());
    }

    /** Returns whether the folder is on this machine's file system. */
    public boolean isLocal() {
        return "file".equals(uri.getScheme());
    }

    /** Returns the folder that savepoints are written to. */
    public URI savepoints() {
        return path("savepoints").toUri();
    }

    private Path path(String name) {
        return new Path(new Path(uri), name);
    }

    /**
     * Returns the newest complete checkpoint or savepoint; empty if there is none.
     *
     * @throws IOException if the folder exists and cannot be read
     */
    public Optional<URI> newest() throws IOException {
        List<FileStatus> metadata = new ArrayList<>();
        for (FileStatus job : children(path("checkpoints"))) {
            for (FileStatus checkpoint : children(job.getPath())) {
                addMetadata(checkpoint, metadata);
            }
        }
        for (FileStatus savepoint : children(path("savepoints"))) {
            addMetadata(savepoint, metadata);
        }
        return metadata.stream()
                .max(Comparator.comparingLong(FileStatus::getModificationTime))
                .map(file -> file.getPath().getParent().toUri());
    }

    /**
     * Returns the settings of a job that keeps its state here and restores the newest state.
     *
     * @param newest the checkpoint or savepoint to restore; empty to start without state
     */
    public Configuration settings(Optional<URI> newest) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                path("checkpoints").toUri().toString());
        settings.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, savepoints().toString());
        newest.ifPresent(state -> {
            settings.set(StateRecoveryOptions.SAVEPOINT_PATH, state.toString());
            // With CLAIM, the job owns the state that it restored, and deletes it once it has a newer checkpoint.
            settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
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
