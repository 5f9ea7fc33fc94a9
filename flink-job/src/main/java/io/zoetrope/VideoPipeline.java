package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.flink.Admit;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.Generate;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.flink.OncePerRequest;
import io.zoetrope.flink.PromptSource;
import io.zoetrope.flink.RequestKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole flow:
 *
 * <pre>
 * prompts -> admit -> once per request -> generate -> publish -> videos
 *               \             \               \          \
 *                `-------------`---------------`----------`----> failures
 * </pre>
 *
 * <p>The uids name the operators' state: never change one while a job has state.
 */
public final class VideoPipeline {
    private VideoPipeline() {}

    /** Puts the flow onto an environment, which is then ready to run. */
    public static void assemble(StreamExecutionEnvironment env, JobConfig config, EngineFactory engines) {
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        DataStream<KafkaEvent> events = env.fromSource(
                        PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");

        answers(events, config, engines)
                .sinkTo(AnswerSink.of(config))
                .name("publish")
                .uid("publish");
    }

    /** The flow between its source and its sink. */
    static DataStream<KafkaAnswer> answers(DataStream<KafkaEvent> events, JobConfig config, EngineFactory engines) {
        long maxPayload = config.get(JobOptions.MAX_PAYLOAD_BYTES).bytes();
        Duration timeout = config.get(JobOptions.INFERENCE_TIMEOUT);

        SingleOutputStreamOperator<KafkaEvent> admitted =
                events.process(new Admit(maxPayload)).name("admit").uid("admit");

        SingleOutputStreamOperator<KafkaEvent> requests = admitted.keyBy(new RequestKey())
                .process(new OncePerRequest(config.get(JobOptions.DEDUPE_RETENTION), maxPayload))
                .name("once per request")
                .uid("once-per-request");

        DataStream<KafkaAnswer> answers = AsyncDataStream.unorderedWait(
                        requests,
                        new Generate(engines, timeout, maxPayload),
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS,
                        engines.inFlightPerSlot())
                .name("generate")
                .uid("generate");

        return answers.union(admitted.getSideOutput(Admit.FAILURES), requests.getSideOutput(Admit.FAILURES));
    }
}
