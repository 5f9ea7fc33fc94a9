package io.zoetrope;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.FlinkGpus;
import io.zoetrope.flink.KafkaCheck;
import io.zoetrope.flink.SecondJob;
import io.zoetrope.flink.StateFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job's main class, for any Flink cluster: {@code flink run flink-job.jar --config zoetrope.yaml --key value}. */
public final class VideoJob {
    private static final Logger LOG = LoggerFactory.getLogger(VideoJob.class);
    private static final String CONFIG = "--config";

    private VideoJob() {}

    /** Runs the job until it ends. The arguments are those of {@link #run}. */
    public static void main(String[] arguments) throws Exception {
        run(List.of(), List.of(arguments));
    }

    /**
     * Runs the job until it ends, on the cluster that it is submitted to; without a cluster, in this process.
     *
     * @param base settings of the caller, which the file and the arguments override
     * @param arguments options as {@code --key value}, and {@code --config FILE} for a file of options
     * @throws io.zoetrope.config.ConfigException with every problem of the options and topics
     * @throws io.zoetrope.bundle.BundleException with every problem of the bundle
     * @throws Exception if the job fails
     */
    public static void run(List<Setting> base, List<String> arguments) throws Exception {
        JobConfig config = config(base, arguments);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        KafkaCheck.require(config, env.getConfiguration());
        SecondJob.refuse(config, env.getConfiguration(), LOG::info);
        EngineSet engines = ServedBundles.of(config, FlinkGpus.perTaskManager(env.getConfiguration()));
        Optional<String> folder = config.get(JobOptions.STATE_FOLDER);
        if (folder.isPresent()) {
            StateFolder state = StateFolder.of(folder.get());
            env.configure(state.start(env.getConfiguration(), RecoveryClaimMode.NO_CLAIM));
        }
        VideoPipeline.assemble(env, config, engines);
        StreamGraph graph = env.getStreamGraph();
        graph.setJobName(name(config, engines));
        // In application mode, Flink reads the id from the graph before it copies it there from the settings.
        env.getConfiguration()
                .getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID)
                .ifPresent(id -> graph.setJobId(JobID.fromHexString(id)));
        env.execute(graph);
    }

    /**
     * Reads the options.
     *
     * @param base settings of the caller, which the file and the arguments override
     * @param arguments options as {@code --key value}, and {@code --config FILE} for a file of options
     * @throws io.zoetrope.config.ConfigException with every problem
     */
    public static JobConfig config(List<Setting> base, List<String> arguments) {
        List<String> options = new ArrayList<>(arguments);
        int index = options.indexOf(CONFIG);
        if (index < 0 || index + 1 == options.size()) {
            return checked(JobConfig.read(base, Optional.empty(), options));
        }
        options.remove(index);
        return checked(JobConfig.read(base, Optional.of(Path.of(options.remove(index))), options));
    }

    /** Returns the options if Kafka's settings among them are accepted. */
    private static JobConfig checked(JobConfig config) {
        var unused = KafkaSettings.of(config);
        return config;
    }

    /** Returns the name under which Flink lists the job. */
    public static String name(JobConfig config, EngineSet engines) {
        return "zoetrope " + String.join(", ", engines.models()) + " from " + config.get(JobOptions.PROMPTS_TOPIC);
    }
}
