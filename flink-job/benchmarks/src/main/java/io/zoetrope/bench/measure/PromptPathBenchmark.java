package io.zoetrope.bench.measure;

import io.zoetrope.flink.Admit;
import io.zoetrope.flink.AnswerFormat;
import io.zoetrope.flink.KafkaEvent;
import io.zoetrope.flink.RequestKey;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.PromptCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.Collector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Benchmark of the job's own code on one prompt before the engine accepts it: admission, the key of the shuffle on both
 * of its sides, and the decoding. Flink's own serialization between the operators is not part of it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class PromptPathBenchmark {
    /** The size of the prompt's first frame in bytes; 0 for a prompt of text alone. */
    @Param({"0", "4194304"})
    public int firstFrameBytes;

    private final Admit admit = new Admit(AnswerFormat.upTo(9 << 20));
    private final RequestKey key = new RequestKey();
    private final Admitted admitted = new Admitted();

    @SuppressWarnings("NullAway.Init") // set before every trial
    private KafkaEvent event;

    /** Encodes the prompt. */
    @Setup
    public void encode() {
        Optional<ByteBuffer> firstFrame =
                firstFrameBytes == 0 ? Optional.empty() : Optional.of(ByteBuffer.allocate(firstFrameBytes));
        byte[] value = PromptCodec.encode(new PromptRequest(
                "order-17",
                "a red circle moving right on a black background",
                Optional.of(7L),
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                firstFrame,
                Optional.empty(),
                Map.of("tenant", "a"),
                Instant.EPOCH));
        event = new KafkaEvent(
                "zoetrope.prompts", 0, 0, "order-17".getBytes(StandardCharsets.UTF_8), value, List.of(), null);
    }

    /** Admits, keys and decodes the prompt. */
    @Benchmark
    @SuppressWarnings("NullAway") // an admitted event uses no context
    public PromptRequest admitKeyAndDecode() {
        admit.processElement(event, null, admitted);
        KafkaEvent next = Objects.requireNonNull(admitted.last);
        if (!key.getKey(next).equals(key.getKey(next))) {
            throw new IllegalStateException("two keys of one event differ");
        }
        return PromptCodec.decode(Objects.requireNonNull(next.value()));
    }

    private static final class Admitted implements Collector<KafkaEvent> {
        @SuppressWarnings("NullAway.Init") // set by the first event
        private KafkaEvent last;

        @Override
        public void collect(KafkaEvent next) {
            last = next;
        }

        @Override
        public void close() {}
    }
}
