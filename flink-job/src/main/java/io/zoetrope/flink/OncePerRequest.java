package io.zoetrope.flink;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.RequestLimits;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Forwards the first prompt of each request id and drops later ones, until the retention of the id has passed.
 *
 * <p>A tombstone after the prompt is forwarded too, to cancel the request if it still waits for a device. A tombstone
 * before the prompt is kept in the state, and the prompt then fails with CANCELLED.
 */
public final class OncePerRequest extends KeyedProcessFunction<String, KafkaEvent, KafkaEvent> {
    private static final long serialVersionUID = 1L;

    private final Duration retention;
    private final RequestLimits limits;
    private final AnswerWriter writer;
    /**
     * The state of a request id: null before its first event; true after a tombstone without a prompt; false after a
     * prompt.
     */
    private transient ValueState<Boolean> withdrawn;

    private transient Counter duplicates;
    private transient FailureCounters failures;

    /**
     * Creates the operator.
     *
     * @param retention how long a request id is kept after its first event
     * @param limits the largest texts of a request
     * @param format the format of the records of answers
     */
    @SuppressWarnings("NullAway.Init") // Flink calls open() before it processes an event
    public OncePerRequest(Duration retention, RequestLimits limits, AnswerFormat format) {
        this.retention = retention;
        this.limits = limits;
        this.writer = new AnswerWriter(format, InstantSource.system());
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<Boolean> descriptor = new ValueStateDescriptor<>("withdrawn", Types.BOOLEAN);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(retention)
                .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
                .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
                .build());
        withdrawn = getRuntimeContext().getState(descriptor);
        MetricGroup group = JobMetrics.of(getRuntimeContext());
        duplicates = group.counter("duplicates");
        failures = new FailureCounters(group);
    }

    @Override
    public void processElement(KafkaEvent event, Context context, Collector<KafkaEvent> out) throws Exception {
        Boolean before = withdrawn.value();
        if (event.isTombstone()) {
            if (before == null) {
                withdrawn.update(true);
            } else {
                out.collect(event);
            }
        } else if (before == null) {
            withdrawn.update(false);
            out.collect(event);
        } else if (before) {
            withdrawn.update(false);
            failures.count(FailureCode.CANCELLED);
            context.output(
                    Admit.FAILURES,
                    writer.failure(
                            event,
                            EventReader.requestIfReadable(event, limits),
                            new RequestException(
                                    FailureCode.CANCELLED,
                                    "admit",
                                    "a tombstone for " + context.getCurrentKey()
                                            + " arrived before its prompt; send the prompt with a new request_id")));
        } else {
            duplicates.inc();
        }
    }
}
