package io.zoetrope.bench.peer;

import io.zoetrope.bench.job.JobCluster;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.flink.PromptSource;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Flink jobs without a lane, with the same source, sink and delivery as Zoetrope's job. */
public final class FlinkPeers {
    private FlinkPeers() {}

    /** Assembles a job in which {@code map()} calls a model in each slot. */
    public static JobCluster.Assembly sessionPerSlot(int threads) {
        return (env, config) -> publish(
                source(env, config)
                        .map(new SessionPerSlot(
                                config.get(JobOptions.BUNDLE).get(0).toString(), threads))
                        .name("generate")
                        .uid("generate"),
                config);
    }

    /** Assembles a job that calls the model of the process once per record, asynchronously. */
    public static JobCluster.Assembly callPerRecord(int threads, int calls) {
        return (env, config) -> publish(
                AsyncDataStream.unorderedWait(
                                source(env, config),
                                new CallPerRecord(
                                        config.get(JobOptions.BUNDLE).get(0).toString(), threads, calls),
                                config.get(JobOptions.INFERENCE_TIMEOUT).toMillis(),
                                TimeUnit.MILLISECONDS,
                                2 * calls)
                        .name("generate")
                        .uid("generate"),
                config);
    }

    private static DataStream<KafkaEvent> source(StreamExecutionEnvironment env, JobConfig config) {
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        return env.fromSource(PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");
    }

    private static void publish(DataStream<KafkaAnswer> answers, JobConfig config) {
        answers.sinkTo(AnswerSink.of(config)).name("publish").uid("publish");
    }
}
