package io.zoetrope;

import io.zoetrope.flink.KafkaAnswer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** A sink that takes an answer when the test lets it; there is one in a process. */
final class SlowSink implements Sink<KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private static final Semaphore LEAVE = new Semaphore(0);
    private static final BlockingQueue<String> TAKEN = new LinkedBlockingQueue<>();

    /** Lets one more answer in; gives its key. */
    static String takeOne() throws InterruptedException {
        LEAVE.release();
        return TAKEN.take();
    }

    @Override
    public SinkWriter<KafkaAnswer> createWriter(WriterInitContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(KafkaAnswer answer, Context unused) throws InterruptedException {
                LEAVE.acquire();
                TAKEN.add(new String(Objects.requireNonNull(answer.key()), StandardCharsets.UTF_8));
            }

            @Override
            public void flush(boolean endOfInput) {}

            @Override
            public void close() {}
        };
    }
}
