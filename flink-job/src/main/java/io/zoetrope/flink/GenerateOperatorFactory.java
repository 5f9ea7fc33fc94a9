package io.zoetrope.flink;

import java.time.Duration;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Creates the operator that runs {@link Generate} in each slot. */
public final class GenerateOperatorFactory extends AbstractStreamOperatorFactory<KafkaAnswer>
        implements OneInputStreamOperatorFactory<KafkaEvent, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private final Generate generate;
    private final Duration timeout;
    private final WaitingLimits limits;

    /**
     * Creates the factory.
     *
     * @param generate sends the requests to the engine
     * @param timeout the longest time from a request's start to its answer
     * @param limits how prompts wait for their turn
     */
    public GenerateOperatorFactory(Generate generate, Duration timeout, WaitingLimits limits) {
        this.generate = generate;
        this.timeout = timeout;
        this.limits = limits;
        this.chainingStrategy = ChainingStrategy.ALWAYS;
    }

    @Override
    // Flink declares it so, and asks for the type that getStreamOperatorClass returns.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T extends StreamOperator<KafkaAnswer>> T createStreamOperator(
            StreamOperatorParameters<KafkaAnswer> parameters) {
        return (T) new GenerateOperator(parameters, generate, timeout, limits);
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared by Flink
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return GenerateOperator.class;
    }
}
