package io.zoetrope.bench.peer;

import io.zoetrope.flink.KafkaAnswer;
import io.zoetrope.flink.KafkaEvent;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/** The second solution of a Flink user: one call per record on a thread pool that shares a model, without batches. */
final class CallPerRecord extends RichAsyncFunction<KafkaEvent, KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private final String bundle;
    private final int threads;
    private final int calls;
    private transient @Nullable PlainModel model;
    private transient @Nullable ExecutorService pool;

    CallPerRecord(String bundle, int threads, int calls) {
        this.bundle = bundle;
        this.threads = threads;
        this.calls = calls;
    }

    @Override
    public void open(OpenContext context) {
        model = new PlainModel(bundle, threads);
        pool = Executors.newFixedThreadPool(calls);
    }

    @Override
    public void asyncInvoke(KafkaEvent event, ResultFuture<KafkaAnswer> result) {
        PlainModel opened = model;
        if (pool == null || opened == null) {
            throw new IllegalStateException("the function is not open; call open() first");
        }
        pool.execute(() -> {
            try {
                result.complete(List.of(opened.answer(event)));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
    }

    @Override
    public void close() throws InterruptedException {
        if (pool != null) {
            pool.shutdownNow();
            if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a call did not end within a minute");
            }
        }
        if (model != null) {
            model.close();
        }
    }
}
