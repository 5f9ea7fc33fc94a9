package io.zoetrope.chaos.job;

import io.zoetrope.flink.KafkaAnswer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** A planted fault: an operator that keeps a few answers in a list that is not in Flink's state. */
final class ForgetfulBuffer extends ProcessFunction<KafkaAnswer, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private static final int SIZE = 10;

    private transient List<KafkaAnswer> waiting;

    @SuppressWarnings("NullAway.Init") // processElement() creates the list
    ForgetfulBuffer() {}

    @Override
    @SuppressWarnings("NullAway") // Java deserialization leaves the transient field null
    public void processElement(KafkaAnswer answer, Context context, Collector<KafkaAnswer> out) {
        if (waiting == null) {
            waiting = new ArrayList<>();
        }
        waiting.add(answer);
        if (waiting.size() >= SIZE) {
            waiting.forEach(out::collect);
            waiting.clear();
        }
    }
}
