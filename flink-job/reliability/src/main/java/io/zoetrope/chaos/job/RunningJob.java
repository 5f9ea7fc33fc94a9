package io.zoetrope.chaos.job;

import io.zoetrope.chaos.cluster.Cluster;
import io.zoetrope.chaos.cluster.FlinkRest;
import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.Poll;
import io.zoetrope.flink.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;

/** The job under test on its cluster: submits it, stops it, and starts it again, as an operator does. */
public final class RunningJob implements AutoCloseable {
    private static final long ANSWER_SECONDS = 300;
    private static final Duration END = Duration.ofMinutes(5);

    private final Cluster cluster;
    private final StateFolder state;
    private final RestClusterClient<String> client;
    private final JobSpec spec;
    private JobID id = new JobID();

    /**
     * Prepares a job.
     *
     * @param spec the job with its usual options
     */
    public RunningJob(Cluster cluster, JobSpec spec) throws Exception {
        this.cluster = cluster;
        this.spec = spec;
        this.state = StateFolder.of(cluster.layout().disk().resolve("state").toString());
        this.client = new RestClusterClient<>(cluster.client(), "chaos");
    }

    /** Starts the job with its usual options from the newest state, or without state if there is none. */
    public void start() throws Exception {
        start(spec);
    }

    /** Starts the job with other options from the newest state. */
    public void start(JobSpec other) throws Exception {
        submit(other, new Configuration());
    }

    /** Starts the job from a given checkpoint or savepoint. */
    public void startFrom(JobSpec other, String restored) throws Exception {
        submit(other, new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, restored));
    }

    private void submit(JobSpec other, Configuration submission) throws Exception {
        var graph = other.graph(state.start(submission, RecoveryClaimMode.CLAIM));
        id = client.submitJob(graph).get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** Stops the job with a savepoint, and returns the savepoint's path. */
    public String stopWithSavepoint() throws Exception {
        String savepoint = client.stopWithSavepoint(id, false, state.savepoints(), SavepointFormatType.CANONICAL)
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        awaitEnd();
        return savepoint;
    }

    /** Takes a savepoint while the job runs, and returns its path. */
    public String savepoint() throws Exception {
        return client.triggerSavepoint(id, state.savepoints(), SavepointFormatType.CANONICAL)
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** Cancels the job; its newest checkpoint stays. */
    public void cancel() throws Exception {
        client.cancel(id).get(ANSWER_SECONDS, TimeUnit.SECONDS);
        awaitEnd();
    }

    private void awaitEnd() throws InterruptedException {
        Poll.until(
                "the job ends",
                END,
                () -> client.getJobStatus(id)
                        .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                        .isGloballyTerminalState());
    }

    /** Returns whether every task runs. */
    public boolean allTasksRun() throws IOException {
        var job = rest().get("/jobs/" + id);
        for (var vertex : job.get("vertices")) {
            if (!vertex.get("status").asText().equals("RUNNING")) {
                return false;
            }
        }
        return job.get("state").asText().equals("RUNNING");
    }

    /** Returns the TaskManagers that run tasks of the job. */
    public List<JvmProcess> taskManagers() throws IOException {
        Set<String> ids = new HashSet<>();
        for (var vertex : rest().get("/jobs/" + id).get("vertices")) {
            String path = "/jobs/" + id + "/vertices/" + vertex.get("id").asText();
            for (var subtask : rest().get(path).get("subtasks")) {
                ids.add(subtask.get("taskmanager-id").asText());
            }
        }
        return cluster.taskManagers(ids);
    }

    /** Waits until every task runs. */
    public void awaitRunning() throws InterruptedException {
        Poll.until("every task of the job runs", END, this::allTasksRun);
    }

    /** Returns the job with its usual options. */
    public JobSpec spec() {
        return spec;
    }

    /** Returns the folder of the job's checkpoints and savepoints. */
    public StateFolder state() {
        return state;
    }

    /** Returns the folder of the checkpoints of the job that was started last. */
    public Path checkpoints() {
        return cluster.layout().disk().resolve("state/checkpoints").resolve(id.toString());
    }

    private FlinkRest rest() {
        return cluster.rest();
    }

    /** Closes the client. The job continues to run. */
    @Override
    public void close() {
        client.close();
    }
}
