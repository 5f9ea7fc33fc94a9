package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.flink.FlinkGpus;
import io.zoetrope.flink.TopicCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The job's entry point on any Flink cluster: {@code flink run flink-job.jar --config zoetrope.yaml --key value}. */
public final class VideoJob {
    private static final String CONFIG = "--config";

    private VideoJob() {}

    /** Runs the job until it ends, with options as {@link #run} takes them. */
    public static void main(String[] arguments) throws Exception {
        run(List.of(), List.of(arguments));
    }

    /**
     * Runs the job until it ends, on the cluster that it is submitted to, or else in this process.
     *
     * @param base settings that the caller knows, which file and arguments override
     * @param arguments {@code --key value}, and {@code --config FILE} for a file
     * @throws io.zoetrope.config.ConfigException with every problem of the options and topics
     * @throws io.zoetrope.bundle.BundleException with everything that is wrong with the bundle
     * @throws Exception if the job fails
     */
    public static void run(List<Setting> base, List<String> arguments) throws Exception {
        JobConfig config = config(base, arguments);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        EngineFactory engines = engines(config, FlinkGpus.offered(env.getConfiguration()));
        TopicCheck.require(config);
        VideoPipeline.assemble(env, config, engines);
        env.execute(name(config, engines));
    }

    /**
     * Reads the options.
     *
     * @param base settings that the caller knows, which file and arguments override
     * @param arguments {@code --key value}, and {@code --config FILE} for a file
     * @throws io.zoetrope.config.ConfigException with every problem
     */
    public static JobConfig config(List<Setting> base, List<String> arguments) {
        List<String> options = new ArrayList<>(arguments);
        int at = options.indexOf(CONFIG);
        if (at < 0 || at + 1 == options.size()) {
            return JobConfig.read(base, Optional.empty(), options);
        }
        options.remove(at);
        return JobConfig.read(base, Optional.of(Path.of(options.remove(at))), options);
    }

    /**
     * Verifies the bundle that the options name.
     *
     * @param gpus that each process is offered, 0 for none
     * @throws io.zoetrope.bundle.BundleException with everything that is wrong with it
     */
    public static EngineFactory engines(JobConfig config, int gpus) {
        return BundleEngines.of(config, gpus);
    }

    /** What the job is called where jobs are listed. */
    public static String name(JobConfig config, EngineFactory engines) {
        return "zoetrope " + engines.limits().model() + " from " + config.get(JobOptions.PROMPTS_TOPIC);
    }
}
