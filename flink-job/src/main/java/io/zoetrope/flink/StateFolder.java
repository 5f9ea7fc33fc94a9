package io.zoetrope.flink;

import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;

/**
 * The folder that holds the checkpoints and savepoints of one job, on any file system that Flink supports. The job
 * restores the newest of them when it starts. Each start gives the job another id, and is recorded:
 *
 * <pre>
 * FOLDER/checkpoints/JOB ID/chk-N/_metadata
 * FOLDER/savepoints/savepoint-BEGINNING OF THE JOB ID-N/_metadata
 * FOLDER/starts/N-JOB ID
 * </pre>
 *
 * @param path the path of the folder
 */
public record StateFolder(Path path) {
    /** The file that Flink writes last, so a checkpoint that contains it is complete. */
    private static final String METADATA = "_metadata";

    /** The names that Flink gives to savepoints. The group is the beginning of the job's id. */
    private static final Pattern SAVEPOINT = Pattern.compile("savepoint-([0-9a-f]+)-.*");

    private static final String UNKNOWN_JOB = "unknown";

    /**
     * Returns the folder at a path or a URI. Does not check or create it.
     *
     * @throws IllegalArgumentException if the text is not a path and not a URI
     */
    public static StateFolder of(String folder) {
        return new StateFolder(FolderPath.of(folder));
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
     * Returns the newest complete checkpoint or savepoint; empty if there is none. It is one of the job that was started
     * last. If that job has none, it is the one that the operator named when that job was started, and otherwise the
     * newest one before that start. Checkpoint ids decide between the checkpoints of one job, whose order they are; a
     * job that restores an older checkpoint counts from its id, so ids say nothing about the order of two jobs. Clocks
     * do not matter.
     *
     * @throws IOException if the folder, or a checkpoint in it, exists and cannot be read
     */
    public Optional<String> newest() throws IOException {
        List<Snapshot> left = snapshots();
        for (JobStarts.Start start : starts().newestFirst()) {
            List<Snapshot> own = left.stream().filter(of(start.job())).toList();
            if (!own.isEmpty()) {
                return newestOf(own);
            }
            if (start.named().isPresent()) {
                return start.named();
            }
        }
        // Only release 0.1.0 started jobs without a record.
        return newestOf(left);
    }

    private JobStarts starts() {
        return new JobStarts(new Path(path, "starts"));
    }

    /**
     * A complete checkpoint or savepoint.
     *
     * @param job the job's id, or the first characters of it
     */
    private record Snapshot(FileStatus metadata, String job) {
        String path() {
            return metadata.getPath().getParent().toString();
        }
    }

    private static Predicate<Snapshot> of(JobID job) {
        return snapshot -> job.toHexString().startsWith(snapshot.job());
    }

    private List<Snapshot> snapshots() throws IOException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (FileStatus job : children(checkpoints())) {
            for (FileStatus checkpoint : children(job.getPath())) {
                addComplete(checkpoint, job.getPath().getName(), snapshots);
            }
        }
        for (FileStatus savepoint : children(new Path(savepoints()))) {
            Matcher name = SAVEPOINT.matcher(savepoint.getPath().getName());
            addComplete(savepoint, name.matches() ? name.group(1) : UNKNOWN_JOB, snapshots);
        }
        return snapshots;
    }

    private static void addComplete(FileStatus folder, String job, List<Snapshot> snapshots) throws IOException {
        for (FileStatus file : children(folder.getPath())) {
            if (file.getPath().getName().equals(METADATA)) {
                snapshots.add(new Snapshot(file, job));
            }
        }
    }

    private static Optional<String> newestOf(List<Snapshot> snapshots) throws IOException {
        Map<Snapshot, Long> ids = new HashMap<>();
        for (Snapshot snapshot : snapshots) {
            ids.put(snapshot, checkpointId(snapshot.metadata().getPath()));
        }
        return ids.entrySet().stream()
                .max(Map.Entry.<Snapshot, Long>comparingByValue()
                        .thenComparingLong(entry -> entry.getKey().metadata().getModificationTime()))
                .map(entry -> entry.getKey().path());
    }

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
     * Records that a job starts, and returns its settings. The job restores the checkpoint or savepoint that its
     * submission names, and otherwise the newest one.
     *
     * @param submission the settings of the submission, which can also name the job's id
     * @param mode CLAIM if no other job can use the restored state: the job then deletes it once it has a newer
     *     checkpoint
     * @throws IOException if the folder cannot be read or written to
     */
    public Configuration start(ReadableConfig submission, RecoveryClaimMode mode) throws IOException {
        Optional<String> named = submission.getOptional(StateRecoveryOptions.SAVEPOINT_PATH);
        Configuration settings = settings(named.isPresent() ? named : newest(), mode);
        JobID job = submission
                .getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID)
                .map(JobID::fromHexString)
                .orElseGet(JobID::generate);
        settings.set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, job.toHexString());
        try {
            starts().add(job, named);
        } catch (IOException e) {
            throw new IOException(
                    "the start of the job cannot be recorded in " + starts().folder() + " (" + e
                            + "); make the state folder writable for the process that starts the job",
                    e);
        }
        return settings;
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
