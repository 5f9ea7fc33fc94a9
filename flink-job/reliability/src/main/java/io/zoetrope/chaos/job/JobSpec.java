package io.zoetrope.chaos.job;

import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.PromptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * The job under test.
 *
 * @param base settings of the caller
 * @param options the job's options, as on the command line
 * @param flink Flink settings of the job
 * @param engines creates the engines for the options
 * @param plant a planted fault
 */
public record JobSpec(
        List<Setting> base,
        List<String> options,
        Configuration flink,
        Function<JobConfig, EngineSet> engines,
        Plant plant) {
    public JobSpec {
        base = List.copyOf(base);
        options = List.copyOf(options);
    }

    /** Returns this job with other values of some options. */
    public JobSpec with(String... additional) {
        List<String> all = new ArrayList<>(options);
        for (int i = 0; i < additional.length; i += 2) {
            int index = all.indexOf(additional[i]);
            if (index >= 0) {
                all.set(index + 1, additional[i + 1]);
            } else {
                all.addAll(List.of(additional[i], additional[i + 1]));
            }
        }
        return new JobSpec(base, all, flink, engines, plant);
    }

    /** Returns this job with other Flink settings. */
    public JobSpec with(Configuration settings) {
        return new JobSpec(base, options, settings, engines, plant);
    }

    /** Reads the options. */
    public JobConfig config() {
        return VideoJob.config(base, options);
    }

    /** Returns the graph to submit, with the settings of the state to restore. */
    JobGraph graph(Configuration state) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        env.configure(state);
        assemble(env);
        StreamGraph graph = env.getStreamGraph();
        graph.setJobName("chaos");
        state.getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID)
                .ifPresent(id -> graph.setJobId(JobID.fromHexString(id)));
        return graph.getJobGraph();
    }

    /** Adds the job to an environment. */
    public void assemble(StreamExecutionEnvironment env) {
        env.configure(flink);
        JobConfig config = plant == Plant.AT_LEAST_ONCE
                ? with("--delivery", "at-least-once").config()
                : config();
        if (plant == Plant.FORGETFUL_BUFFER) {
            assembleForgetful(env, config);
        } else {
            VideoPipeline.assemble(env, config, engines.apply(config));
        }
    }

    /** The shipped pipeline, with the planted buffer in front of the sink. */
    private void assembleForgetful(StreamExecutionEnvironment env, JobConfig config) {
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        var events = env.fromSource(PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");
        VideoPipeline.answers(events, config, engines.apply(config))
                .process(new ForgetfulBuffer())
                .uid("planted")
                .sinkTo(AnswerSink.of(config))
                .uid("publish");
    }
}
