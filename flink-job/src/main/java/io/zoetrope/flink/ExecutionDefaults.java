package io.zoetrope.flink;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/** What the flow needs of Flink, and what it prefers where the cluster has no opinion. */
public final class ExecutionDefaults {
    /** Key groups of the state: how far the job can be scaled. It can never change while there is state. */
    private static final int MAX_PARALLELISM = 128;

    /**
     * Records are few and each is long awaited, so each goes on at once; by default Flink lets one lie for 100 ms between
     * two operators. Any time above zero costs a thread for each task that wakes as often: at 1 ms, {@code ./zoetrope up}
     * that has nothing to do took 10% of a core, at zero 4%.
     */
    private static final Duration HAND_OVER = Duration.ZERO;

    private static final Duration RESTART_DELAY = Duration.ofSeconds(1);

    private ExecutionDefaults() {}

    /**
     * The settings to configure an environment with.
     *
     * @param cluster the environment's present settings
     */
    public static Configuration of(JobConfig config, ReadableConfig cluster) {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.get(JobOptions.CHECKPOINT_INTERVAL));
        settings.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        settings.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        // A type that Flink does not know would be written by Kryo, and such state does not outlive a new Flink.
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        // An operator without a name of its own loses its state with the next change of the flow.
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        // Events and answers never change, so there is nothing to copy them for.
        settings.set(PipelineOptions.OBJECT_REUSE, true);

        prefer(settings, cluster, ExecutionOptions.BUFFER_TIMEOUT, HAND_OVER);
        prefer(settings, cluster, RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        prefer(settings, cluster, RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        prefer(settings, cluster, RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, RESTART_DELAY);
        prefer(
                settings,
                cluster,
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        return settings;
    }

    private static <T> void prefer(Configuration settings, ReadableConfig cluster, ConfigOption<T> option, T value) {
        if (cluster.getOptional(option).isEmpty()) {
            settings.set(option, value);
        }
    }
}
