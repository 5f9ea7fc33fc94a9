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

/** A sink that accepts an answer only when the test allows it. Its state is static: a process can use only one. */
final class SlowSink implements Sink<KafkaAnswer> {
    private static final long serialVersionUID = 1L;

    private static final Semaphore PERMITS = new Semaphore(0);
    private static final BlockingQueue<String> ACCEPTED = new LinkedBlockingQueue<>();

    /** Allows the sink to accept one more answer, and returns the answer's key. */
    static String acceptOne() throws InterruptedException {
        PERMITS.release();
        return ACCEPTED.take();
    }

    @Override
    public SinkWriter<KafkaAnswer> createWriter(WriterInitContext context) {
        return new SinkWriter<>() {
            @Override
            public void write(KafkaAnswer answer, Context unused) throws InterruptedException {
                PERMITS.acquire();
                ACCEPTED.add(new String(Objects.requireNonNull(answer.key()), StandardCharsets.UTF_8));
            }

            @Override
            public void flush(boolean endOfInput) {}

            @Override
            public void close() {}
        };
    }
}
