package io.zoetrope.bench.peer;

import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.jspecify.annotations.Nullable;

/** The first solution of a Flink user: {@code map()} with a model in every slot. */
final class SessionPerSlot extends RichMapFunction<KafkaEvent, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private final String bundle;
    private final int threads;
    private transient @Nullable PlainModel model;

    SessionPerSlot(String bundle, int threads) {
        this.bundle = bundle;
        this.threads = threads;
    }

    @Override
    public void open(OpenContext context) {
        model = new PlainModel(bundle, threads);
    }

    @Override
    public KafkaAnswer map(KafkaEvent event) {
        if (model == null) {
            throw new IllegalStateException("the function is not open; call open() first");
        }
        return model.answer(event);
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
    }
}
