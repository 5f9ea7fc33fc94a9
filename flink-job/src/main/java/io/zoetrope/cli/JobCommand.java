package io.zoetrope.cli;

import io.zoetrope.ServedBundles;
import io.zoetrope.StageDevices;
import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.KafkaCheck;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.SecondJob;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.kafka.FolderLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "job",
        header = "Runs only the job, on a Kafka cluster that is already running.",
        customSynopsis = "zoetrope job --bootstrap-servers SERVERS [OPTIONS]",
        description = {
            "Flink runs in this process until the job ends or Ctrl-C. The topics must exist: ./zoetrope topics apply"
                    + " creates them.",
            "The job keeps its state in a folder, and the next start restores the newest state. Ctrl-C and SIGTERM stop"
                    + " the job with a savepoint. However the process ends, no prompt is lost as long as Kafka keeps"
                    + " the prompts and the state folder is kept.",
            "Without --state-folder the folder is ~/.local/state/zoetrope/GROUP-DIGEST, where DIGEST stands for the"
                    + " brokers, the group and the topics as they are written. The log is in it too.",
            "To run the job on a Flink cluster, submit the class io.zoetrope.VideoJob with the same options."
        },
        footer = {
            "",
            "Examples:",
            "  ./zoetrope job --bootstrap-servers kafka-1:9092",
            "  ./zoetrope job --config zoetrope.yaml --encoder vp9 --parallelism 2",
            "",
            "Exit codes: 0 the job was stopped, 1 the job failed or Flink refused to start it,",
            "2 the command could not start."
        })
final class JobCommand implements Callable<Integer> {
    @Mixin
    private UiHostOption uiHost = new UiHostOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        JobConfig config = config(JobArguments.all(spec));
        StateFolder state = state(config);
        state.local().ifPresent(folder -> Logs.to(folder.resolve("zoetrope.log")));
        StageDevices.of(config).requireUsable();
        KafkaCheck.require(config, new Configuration());
        EngineSet engines = ServedBundles.inThisProcess(config);
        Progress progress = Progress.sinceLaunch(spec.commandLine().getOut());
        GracefulStop stop = new GracefulStop(state, progress);
        StopSignals.handle(GracefulStop.LIMIT, stop);
        try (AutoCloseable lock = lock(state);
                ScratchFolder scratch = ScratchFolder.create();
                LocalCluster cluster = LocalCluster.start(
                        config.get(JobOptions.PARALLELISM),
                        scratch.path(),
                        uiHost.value(),
                        LocalServers.Ports.DEFAULT_UI)) {
            SecondJob.refuse(config, new Configuration(), line -> progress.print("job      " + line));
            StreamExecutionEnvironment env = cluster.environment();
            Configuration settings = state.start(env.getConfiguration(), RecoveryClaimMode.CLAIM);
            progress.print("state    "
                    + settings.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).orElse("none yet in " + state.path()));
            env.configure(settings);
            VideoPipeline.assemble(env, config, engines);
            LocalCluster.Job job = cluster.run(env, VideoJob.name(config, engines));
            stop.started(cluster, job);
            progress.print("job      submitted for the prompts of " + config.get(JobOptions.BOOTSTRAP_SERVERS)
                    + "; Ctrl-C stops it");
            progress.print("flink    " + cluster.webUi());
            progress.print("log      " + Logs.file());
            try (FailureWatch watch = FailureWatch.start(cluster, job, progress)) {
                return exitCode(JobEndReason.await(job.result()));
            }
        }
    }

    /**
     * Locks a state folder on this machine for this job, because two jobs with one group and the same topics would each
     * lose the answers of the other. Does not lock a folder on another file system.
     */
    private static AutoCloseable lock(StateFolder state) throws IOException {
        Optional<Path> folder = state.local();
        if (folder.isEmpty()) {
            return () -> {};
        }
        return FolderLock.tryOn(folder.get())
                .orElseThrow(() -> new UsageException("another job keeps its state in " + folder.get()
                        + "; stop that job, or give this one a group and topics, or a state-folder, of its own"));
    }

    private static StateFolder state(JobConfig config) {
        String folder = config.get(JobOptions.STATE_FOLDER)
                .orElseThrow(() -> new UsageException(
                        "--state-folder none: ./zoetrope job keeps its state; give a folder, or leave the option out"));
        try {
            StateFolder state = StateFolder.of(folder);
            state.newest();
            return state;
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(
                    "--state-folder " + folder + ": cannot be read (" + e
                            + "); give a folder that this machine can read",
                    e);
        }
    }

    private int exitCode(Optional<String> fault) {
        fault.ifPresent(reason -> spec.commandLine().getErr().println("The job ended: " + reason));
        return fault.isPresent() ? Zoetrope.SOME_FAILED : Zoetrope.OK;
    }

    /** Returns the options. If they name no state folder, the job gets one that belongs to its group and topics. */
    private static JobConfig config(List<String> arguments) {
        List<Setting> base = new ArrayList<>(List.of(JobArguments.shippedBundle()));
        JobConfig config = VideoJob.config(base, arguments);
        base.add(new Setting(
                JobOptions.STATE_FOLDER.key(), defaultStateFolder(config).toString(), "the default of ./zoetrope job"));
        return VideoJob.config(base, arguments);
    }

    private static Path defaultStateFolder(JobConfig config) {
        String identity = String.join(
                " ",
                config.get(JobOptions.BOOTSTRAP_SERVERS),
                config.get(JobOptions.GROUP_ID),
                config.get(JobOptions.PROMPTS_TOPIC),
                config.get(JobOptions.VIDEOS_TOPIC),
                config.get(JobOptions.FAILURES_TOPIC));
        String group = config.get(JobOptions.GROUP_ID).replaceAll("[^A-Za-z0-9_.-]", "-");
        String name = group + "-" + DigestUtils.sha256Hex(identity).substring(0, 12);
        return stateHome().resolve("zoetrope").resolve(name);
    }

    /** Returns the folder for the state of the user's programs, as the XDG Base Directory Specification defines it. */
    private static Path stateHome() {
        String home = System.getenv("XDG_STATE_HOME");
        return home == null || home.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state")
                : Path.of(home);
    }
}
