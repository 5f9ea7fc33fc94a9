package io.zoetrope.flink;

import io.zoetrope.failure.RequestException;
import java.time.InstantSource;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Lets through what can be told whose it is; the rest goes to {@link #FAILURES} at once.
 *
 * <p>What a readable request asks for is judged later, behind {@link OncePerRequest}: a request that cannot be answered
 * by video is also answered once.
 */
public final class Admit extends ProcessFunction<KafkaEvent, KafkaEvent> {
    /** Failures that never come near the engine. */
    public static final OutputTag<KafkaAnswer> FAILURES =
            new OutputTag<>("failures", TypeInformation.of(KafkaAnswer.class));

    private static final long serialVersionUID = 1L;

    private final AnswerWriter writer;
    private transient FailureCounters failures;

    /** Admits events, and answers the others with records of at most {@code maxPayloadBytes}. */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it hands over anything
    public Admit(long maxPayloadBytes) {
        this.writer = new AnswerWriter(maxPayloadBytes, InstantSource.system());
    }

    @Override
    public void open(OpenContext context) {
        failures = new FailureCounters(JobMetrics.of(getRuntimeContext()));
    }

    @Override
    public void processElement(KafkaEvent event, Context context, Collector<KafkaEvent> out) {
        try {
            var unused = EventReader.requestId(event);
            out.collect(event);
        } catch (RequestException e) {
            failures.count(e.code());
            context.output(FAILURES, writer.failure(event, e));
        }
    }
}
