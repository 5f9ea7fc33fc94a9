package io.zoetrope;

import io.zoetrope.config.Delivery;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.LimitOptions;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.Admit;
import io.zoetrope.flink.AnswerFormat;
import io.zoetrope.flink.AnswerSink;
import io.zoetrope.flink.ClaimCheck;
import io.zoetrope.flink.ExecutionDefaults;
import io.zoetrope.flink.Generate;
import io.zoetrope.flink.GenerateOperatorFactory;
import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.flink.KeepUntilCommitted;
import io.zoetrope.flink.OncePerRequest;
import io.zoetrope.flink.PromptSource;
import io.zoetrope.flink.RequestKey;
import io.zoetrope.flink.RolloutsTopic;
import io.zoetrope.flink.Unframe;
import io.zoetrope.flink.WaitingLimits;
import io.zoetrope.prompt.RequestLimits;
import io.zoetrope.registry.AnswerSchemas;
import io.zoetrope.registry.RegistryAccess;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job's pipeline, from the Kafka topic of prompts to the Kafka topics of videos and failures:
 *
 * <pre>
 * prompts -> unframe -> admit -> once per request -> generate -> keep until committed -> publish -> videos
 *                         |              |               |               ^                    `--> failures
 *                         `--------------+---------------+---------------'
 *                                     failures
 * </pre>
 *
 * <ol>
 *   <li><b>prompts</b> ({@link PromptSource}) reads Kafka records as bytes. A record with a value is a prompt; one
 *       without, a tombstone, cancels the request in its key.
 *   <li><b>unframe</b> ({@link Unframe}), only with a schema registry: converts prompts in its framing.
 *   <li><b>admit</b> ({@link Admit}) reads the request id of each event. The stream is then partitioned by it, so all
 *       events of a request reach the same slot, in order.
 *   <li><b>once per request</b> ({@link OncePerRequest}) drops prompts whose request id was seen before, within the
 *       retention time of request ids.
 *   <li><b>generate</b> ({@link Generate}) decodes the request, validates it and sends it to the engine of its model,
 *       which all slots of a process share. If the model has several versions, the time of the prompt and the topic of
 *       rollouts ({@link RolloutsTopic}) decide which one answers. Requests wait there for their turn, in fair order over
 *       tenants. Many are in flight, and the engine batches them. For each request it encodes the text, samples latents, decodes them to frames, and
 *       encodes the frames as video. A payload that is too large for a record is written to a folder first
 *       ({@link ClaimCheck}).
 *   <li><b>keep until committed</b> ({@link KeepUntilCommitted}) keeps each answer in its state until the transaction
 *       with it is committed, and sends it again if Kafka aborts the transaction. Only with exactly-once delivery.
 *   <li><b>publish</b> ({@link AnswerSink}) writes the video, one record per segment, to the topic of videos. With
 *       exactly-once delivery the records commit with the next checkpoint.
 * </ol>
 *
 * <p>The steps before {@code keep until committed} can end a request with a failure, which has a code, a stage and a
 * message, and which goes to the topic of failures. So every request is answered once: with a video or with a failure.
 * When as many requests wait as its state may hold, {@code generate} reads no more, and backpressure stops the source.
 *
 * <p>The uids identify the operators' state: never change one while a job has state.
 */
public final class VideoPipeline {
    private VideoPipeline() {}

    /** Adds the pipeline to an environment, which is then ready to execute. */
    public static void assemble(StreamExecutionEnvironment env, JobConfig config, EngineSet engines) {
        assemble(env, config, engines, RolloutsTopic.of(config));
    }

    /** Adds the pipeline to an environment, with another source of moves than the one that the options name. */
    static void assemble(StreamExecutionEnvironment env, JobConfig config, EngineSet engines, RolloutsTopic rollouts) {
        env.configure(ExecutionDefaults.of(config, env.getConfiguration()));
        env.setParallelism(config.get(JobOptions.PARALLELISM));
        DataStream<KafkaEvent> events = env.fromSource(
                        PromptSource.of(config), WatermarkStrategy.noWatermarks(), "prompts")
                .uid("prompts");

        kept(answers(events, config, engines, rollouts), config)
                .sinkTo(AnswerSink.of(config))
                .name("publish")
                .uid("publish");
    }

    /** Adds the operator that keeps the answers until they are committed, if the delivery commits them. */
    private static DataStream<KafkaAnswer> kept(DataStream<KafkaAnswer> answers, JobConfig config) {
        if (config.get(JobOptions.DELIVERY) == Delivery.AT_LEAST_ONCE) {
            return answers;
        }
        return answers.transform(
                        KeepUntilCommitted.NAME, TypeInformation.of(KafkaAnswer.class), KeepUntilCommitted.of(config))
                .uid(KeepUntilCommitted.UID);
    }

    /** Adds the operator that converts prompts in the framing of a schema registry, if there is one. */
    private static DataStream<KafkaEvent> unframed(DataStream<KafkaEvent> events, JobConfig config) {
        return RegistryAccess.of(config)
                .<DataStream<KafkaEvent>>map(
                        registry -> Unframe.of(events, registry).name("unframe").uid("unframe"))
                .orElse(events);
    }

    /** Adds the operators between source and sink, and returns the stream of answers. */
    public static DataStream<KafkaAnswer> answers(DataStream<KafkaEvent> events, JobConfig config, EngineSet engines) {
        return answers(events, config, engines, RolloutsTopic.of(config));
    }

    private static DataStream<KafkaAnswer> answers(
            DataStream<KafkaEvent> events, JobConfig config, EngineSet engines, RolloutsTopic rollouts) {
        AnswerFormat format = AnswerFormat.of(config, AnswerSchemas.framing(config));
        Duration timeout = config.get(JobOptions.INFERENCE_TIMEOUT);
        RequestLimits limits = new RequestLimits(
                config.get(LimitOptions.MAX_PROMPT_CHARACTERS),
                config.get(LimitOptions.MAX_LABELS),
                config.get(LimitOptions.MAX_LABEL_BYTES).bytes());

        SingleOutputStreamOperator<KafkaEvent> admitted = unframed(events, config)
                .process(new Admit(format))
                .name("admit")
                .uid("admit");

        SingleOutputStreamOperator<KafkaEvent> requests = admitted.keyBy(new RequestKey())
                .process(new OncePerRequest(config.get(JobOptions.DEDUPE_RETENTION), limits, format))
                .name("once per request")
                .uid("once-per-request");

        // The same partitions as above: a request waits for its turn in the slot that knows its id.
        DataStream<KafkaAnswer> answers = DataStreamUtils.reinterpretAsKeyedStream(requests, new RequestKey())
                .transform(
                        "generate",
                        TypeInformation.of(KafkaAnswer.class),
                        new GenerateOperatorFactory(
                                new Generate(engines, rollouts, limits, timeout, ClaimCheck.of(config), format),
                                timeout,
                                WaitingLimits.of(config)))
                .uid("generate");

        return answers.union(admitted.getSideOutput(Admit.FAILURES), requests.getSideOutput(Admit.FAILURES));
    }
}
