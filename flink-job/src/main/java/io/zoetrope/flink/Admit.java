package io.zoetrope.flink;

import io.zoetrope.failure.RequestException;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Admits the events that have a valid request id, and adds the id to the event. Every other event becomes a failure
 * on {@link #FAILURES}.
 *
 * <p>The fields of the request are validated later, after {@link OncePerRequest}, so that an invalid request too is
 * answered only once.
 */
public final class Admit extends ProcessFunction<KafkaEvent, KafkaEvent> {
    /** The side output with the failures of events that do not reach the engine. */
    public static final OutputTag<KafkaAnswer> FAILURES =
            new OutputTag<>("failures", TypeInformation.of(KafkaAnswer.class));

    private static final long serialVersionUID = 1L;

    private final AnswerWriter writer;
    private transient FailureCounters failures;

    /**
     * Creates the operator.
     *
     * @param format the format of the records of answers
     */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it processes an event
    public Admit(AnswerFormat format) {
        this.writer = new AnswerWriter(format, InstantSource.system());
    }

    @Override
    public void open(OpenContext context) {
        failures = new FailureCounters(JobMetrics.of(getRuntimeContext()));
    }

    @Override
    public void processElement(KafkaEvent event, Context context, Collector<KafkaEvent> out) {
        try {
            out.collect(event.admitted());
        } catch (RequestException e) {
            failures.count(e.code());
            context.output(FAILURES, writer.failure(event, Optional.empty(), e));
        }
    }
}
