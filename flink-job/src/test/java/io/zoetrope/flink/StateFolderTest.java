package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which checkpoint a start restores, on files as Flink writes them. */
class StateFolderTest {
    @TempDir
    private Path root;

    private StateFolder folder;

    @BeforeEach
    void open() {
        folder = StateFolder.of(root.resolve("state").toString());
    }

    @Test
    void aFolderThatDoesNotExistHasNoState() throws IOException {
        assertThat(folder.newest()).isEmpty();
        assertThat(restoredBy(folder.start(new Configuration(), RecoveryClaimMode.CLAIM)))
                .isEmpty();
    }

    @Test
    void theNewestStateOfAJobHasItsHighestCheckpointId() throws IOException {
        String job = start();
        checkpoint(job, 9);
        String savepoint = savepoint(job, 11);
        checkpoint(job, 10);

        assertThat(folder.newest()).contains(savepoint);
        assertThat(restoredBy(folder.start(new Configuration(), RecoveryClaimMode.CLAIM)))
                .contains(savepoint);
    }

    @Test
    void aCheckpointWithoutMetadataIsNotComplete() throws IOException {
        String job = start();
        String complete = checkpoint(job, 1);
        Files.createDirectories(checkpointFolder(job, 2));

        assertThat(folder.newest()).contains(complete);
    }

    @Test
    void aJobThatRestoredAnOlderCheckpointIsNewerThanTheJobThatItReplaced() throws IOException {
        String abandoned = start();
        String old = savepoint(abandoned, 10);
        checkpoint(abandoned, 500);

        String rolledBack = startFrom(old);
        assertThat(folder.newest())
                .as("before the first checkpoint of the new job")
                .contains(old);
        String first = checkpoint(rolledBack, 11);

        assertThat(folder.newest()).contains(first);
        start();
        assertThat(folder.newest()).as("after a start without a checkpoint").contains(first);
        String last = savepoint(start(), 12);
        assertThat(folder.newest()).contains(last);
    }

    @Test
    void aRollbackToStateOfAnotherFolderIsRestoredToo() throws IOException {
        checkpoint(start(), 500);

        startFrom("s3://elsewhere/savepoint-1");
        start();

        assertThat(folder.newest()).contains("s3://elsewhere/savepoint-1");
    }

    /** A submission that failed, while the job before it continued. */
    @Test
    void aStartThatNeverTookACheckpointChangesNothing() throws IOException {
        String running = start();
        checkpoint(running, 5);
        start();
        String newer = checkpoint(running, 6);

        assertThat(folder.newest()).contains(newer);
    }

    @Test
    void stateOfJobsWithoutARecordIsOlderThanEveryRecordedStart() throws IOException {
        String before = checkpoint("0123456789abcdef0123456789abcdef", 700);
        assertThat(folder.newest()).contains(before);

        String job = startFrom(before);
        String after = checkpoint(job, 3);

        assertThat(folder.newest()).contains(after);
    }

    @Test
    void aRecordThatIsNotCompleteIsIgnored() throws IOException {
        String state = checkpoint(start(), 1);
        Files.writeString(root.resolve("state/starts/000002-0123456789abcdef0123456789abcdef"), "/truncated/pa");

        assertThat(folder.newest()).contains(state);
        String next = checkpoint(start(), 2);
        assertThat(folder.newest()).contains(next);
    }

    @Test
    void flinkRunsTheMainMethodOfOneJobAgainAndTheJobHasOneStart() throws IOException {
        Configuration submission = new Configuration()
                .set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, "0123456789abcdef0123456789abcdef")
                .set(StateRecoveryOptions.SAVEPOINT_PATH, "s3://elsewhere/savepoint-1");
        String job = startedBy(submission);
        String checkpoint = checkpoint(job, 8);

        assertThat(startedBy(submission)).isEqualTo(job);

        assertThat(folder.newest()).contains(checkpoint);
        try (Stream<Path> starts = Files.list(root.resolve("state/starts"))) {
            assertThat(starts).hasSize(1);
        }
    }

    @Test
    void aFolderThatCannotBeWrittenToRefusesTheStart() throws IOException {
        Files.createDirectories(root.resolve("state"));
        Files.writeString(root.resolve("state/starts"), "a file");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(this::start)
                .withMessageContaining("make the state folder writable");
    }

    private String start() throws IOException {
        return startedBy(new Configuration());
    }

    private String startFrom(String state) throws IOException {
        Configuration submission = new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, state);
        assertThat(restoredBy(folder.start(submission, RecoveryClaimMode.NO_CLAIM)))
                .contains(state);
        return startedBy(submission);
    }

    /** Returns the id of the job. */
    private String startedBy(Configuration submission) throws IOException {
        return folder.start(submission, RecoveryClaimMode.NO_CLAIM).get(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID);
    }

    private static Optional<String> restoredBy(Configuration settings) {
        return settings.getOptional(StateRecoveryOptions.SAVEPOINT_PATH);
    }

    private Path checkpointFolder(String job, long id) {
        return root.resolve("state/checkpoints/" + job + "/chk-" + id);
    }

    private String checkpoint(String job, long id) throws IOException {
        return write(checkpointFolder(job, id), id);
    }

    private String savepoint(String job, long id) throws IOException {
        String name = FileUtils.getRandomFilename("savepoint-" + job.substring(0, 6) + "-");
        return write(root.resolve("state/savepoints/" + name), id);
    }

    private static String write(Path folder, long id) throws IOException {
        Files.createDirectories(folder);
        try (OutputStream out = Files.newOutputStream(folder.resolve("_metadata"))) {
            org.apache.flink.runtime.checkpoint.Checkpoints.storeCheckpointMetadata(
                    new CheckpointMetadata(id, List.of(), List.of()), out);
        }
        return new org.apache.flink.core.fs.Path("file", null, folder.toString()).toString();
    }
}
