package io.zoetrope.flink;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The starts of the jobs that kept their state in one folder, in their order. A start is a file that is written once,
 * before the job is submitted:
 *
 * <pre>
 * FOLDER/starts/NUMBER-JOB ID     the path that the operator named to restore, or nothing; then a line feed
 * </pre>
 *
 * <p>A file without the line feed is from a process that ended while it wrote, so its job was never submitted.
 *
 * @param folder the folder of the files
 */
record JobStarts(Path folder) {
    private static final Pattern NAME = Pattern.compile("(\\d{1,18})-([0-9a-f]{32})");
    private static final String END = "\n";

    /**
     * The start of a job.
     *
     * @param number the position in the order of the starts
     * @param named the checkpoint or savepoint that the operator named; empty if the job restored the newest one
     */
    record Start(long number, JobID job, Optional<String> named) {}

    /**
     * Returns the starts, the newest first.
     *
     * @throws IOException if the folder exists and cannot be read
     */
    List<Start> newestFirst() throws IOException {
        List<Start> starts = new ArrayList<>();
        for (FileStatus file : files()) {
            Matcher name = NAME.matcher(file.getPath().getName());
            if (name.matches()) {
                String content = read(file.getPath());
                if (content.endsWith(END)) {
                    starts.add(new Start(
                            Long.parseLong(name.group(1)),
                            JobID.fromHexString(name.group(2)),
                            Optional.of(content.substring(0, content.length() - END.length()))
                                    .filter(path -> !path.isEmpty())));
                }
            }
        }
        starts.sort(Comparator.comparingLong(Start::number).reversed());
        return starts;
    }

    /**
     * Records a start, unless it is the newest one already: with high availability, Flink runs the main method of a job
     * again, with the same id and the same settings.
     *
     * @throws IOException if the folder cannot be written to
     */
    void add(JobID job, Optional<String> named) throws IOException {
        List<Start> starts = newestFirst();
        long number = 1;
        if (!starts.isEmpty()) {
            Start newest = starts.get(0);
            if (newest.job().equals(job) && newest.named().equals(named)) {
                return;
            }
            number = newest.number() + 1;
        }
        Path file = new Path(folder, "%06d-%s".formatted(number, job.toHexString()));
        try (FSDataOutputStream out = file.getFileSystem().create(file, FileSystem.WriteMode.NO_OVERWRITE)) {
            out.write((named.orElse("") + END).getBytes(StandardCharsets.UTF_8));
        }
    }

    private FileStatus[] files() throws IOException {
        FileSystem files = folder.getFileSystem();
        FileStatus[] found = files.exists(folder) ? files.listStatus(folder) : null;
        return found == null ? new FileStatus[0] : found;
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = file.getFileSystem().open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            return ""; // deleted meanwhile
        }
    }
}
