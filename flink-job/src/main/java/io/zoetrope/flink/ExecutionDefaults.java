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

/** The Flink settings that the job requires, and defaults for settings that the cluster does not set. */
public final class ExecutionDefaults {
    /**
     * The number of key groups of the state, which limits the parallelism. It can never change while the job has state.
     */
    private static final int MAX_PARALLELISM = 128;

    /**
     * The time that Flink keeps a record in the buffer between two operators; its own default is 100 ms. Zero sends
     * each record at once, which suits this job: it has few records, and each takes long to answer. Any longer time
     * costs a thread per task that wakes up at this interval: at 1 ms, an idle {@code ./zoetrope up} used 10% of a
     * core; at zero, 4%.
     */
    private static final Duration BUFFER_TIMEOUT = Duration.ZERO;

    /**
     * The time after which Flink aborts a checkpoint. Checkpoints are unaligned: their barriers overtake the prompts
     * that wait for the model, so a burst does not delay them. An aligned barrier waits behind a burst until the model
     * has answered all of it, and no answer is visible meanwhile.
     */
    static final Duration CHECKPOINT_TIMEOUT = Duration.ofMinutes(10);

    /**
     * The delays of restarts. The first is short, because most faults are gone by then; a fault that lasts costs an
     * attempt a minute. A job that ran for ten seconds has recovered, so that its next fault, whenever it comes, starts
     * again at the first delay.
     */
    private static final Duration FIRST_RESTART = Duration.ofSeconds(1);

    private static final Duration LONGEST_RESTART = Duration.ofMinutes(1);
    private static final double RESTART_MULTIPLIER = 2;
    private static final double RESTART_JITTER = 0.1;
    private static final Duration RECOVERED = Duration.ofSeconds(10);

    private ExecutionDefaults() {}

    /**
     * Returns the settings to apply to an environment.
     *
     * @param cluster the environment's current settings
     */
    public static Configuration of(JobConfig config, ReadableConfig cluster) {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.get(JobOptions.CHECKPOINT_INTERVAL));
        settings.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        settings.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        // Without this, Kryo would serialize types that Flink has no serializer for, and a new version of Flink may not
        // read such state.
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        // An operator with a generated uid loses its state when the pipeline changes.
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        // Events and answers are immutable, so operators can share them without copies.
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        // KeepUntilCommitted has to be in one chain with the sink, so that it is notified after the committer.
        settings.set(PipelineOptions.OPERATOR_CHAINING, true);

        setDefault(settings, cluster, ExecutionOptions.BUFFER_TIMEOUT, BUFFER_TIMEOUT);
        setDefault(settings, cluster, CheckpointingOptions.ENABLE_UNALIGNED, true);
        setDefault(settings, cluster, CheckpointingOptions.CHECKPOINTING_TIMEOUT, CHECKPOINT_TIMEOUT);
        setRestarts(settings, cluster);
        setDefault(
                settings,
                cluster,
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        return settings;
    }

    private static void setRestarts(Configuration settings, ReadableConfig cluster) {
        setDefault(settings, cluster, RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        setDefault(
                settings,
                cluster,
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                FIRST_RESTART);
        setDefault(
                settings,
                cluster,
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                LONGEST_RESTART);
        setDefault(
                settings,
                cluster,
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER,
                RESTART_MULTIPLIER);
        setDefault(
                settings,
                cluster,
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_JITTER_FACTOR,
                RESTART_JITTER);
        setDefault(
                settings,
                cluster,
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                RECOVERED);
    }

    private static <T> void setDefault(
            Configuration settings, ReadableConfig cluster, ConfigOption<T> option, T value) {
        if (cluster.getOptional(option).isEmpty()) {
            settings.set(option, value);
        }
    }
}
