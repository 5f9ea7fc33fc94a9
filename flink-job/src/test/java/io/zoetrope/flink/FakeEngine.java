package io.zoetrope.flink;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.TestLimits;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An engine that runs no model: the test completes the answers. */
final class FakeEngine implements Engine {
    static final String DIGEST = "d1".repeat(32);
    static final ModelLimits LIMITS = TestLimits.of("toybox-64", TestLimits.SHAPE);

    final Map<RequestId, CompletableFuture<Video>> waiting = new LinkedHashMap<>();
    /** All requests that were sent, by their answers; {@code waiting} has the newest one of each id. */
    private final Map<CompletionStage<Video>, RequestId> requests = new HashMap<>();

    final List<RequestId> cancelled = new ArrayList<>();
    final FakeGauges gauges = new FakeGauges();
    boolean closed;

    @Override
    public CompletionStage<Video> generate(Prompt prompt) {
        CompletableFuture<Video> answer = new CompletableFuture<>();
        waiting.put(prompt.requestId(), answer);
        requests.put(answer, prompt.requestId());
        return answer;
    }

    @Override
    public void cancel(CompletionStage<Video> answer) {
        cancelled.add(requests.get(answer));
        answer.toCompletableFuture().completeExceptionally(new CancellationException("cancelled"));
    }

    @Override
    public EngineGauges gauges() {
        return gauges;
    }

    @Override
    public void close() {
        closed = true;
    }

    CompletableFuture<Video> answerOf(String requestId) {
        CompletableFuture<Video> answer = waiting.get(new RequestId(requestId));
        if (answer == null) {
            throw new AssertionError(requestId + " was not sent to the engine; " + waiting.keySet() + " were");
        }
        return answer;
    }

    static Video video(String requestId, int segments, int payloadBytes) {
        return video(requestId, "toybox-64", segments, payloadBytes);
    }

    static Video video(String requestId, String model, int segments, int payloadBytes) {
        List<Segment> parts = new ArrayList<>();
        for (int i = 0; i < segments; i++) {
            parts.add(new Segment(
                    new SegmentPosition(i, i == segments - 1, 17 * i),
                    "video/mp4; codecs=\"av01.0.00M.08\"",
                    64,
                    64,
                    new FrameRate(12, 1),
                    17,
                    ByteBuffer.allocate(payloadBytes),
                    4));
        }
        Duration none = Duration.ZERO;
        return new Video(
                new Prompt(
                        new RequestId(requestId),
                        "a red circle",
                        1,
                        1,
                        TestLimits.SHAPE,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of("tenant", "a"),
                        Events.CREATED),
                parts,
                model,
                DIGEST,
                "one-step",
                new Timings(none, none, none, none, none),
                1,
                Instant.EPOCH);
    }

    /** A factory that can be serialized: its engines are in a static map, by the factory's id. */
    static final class Factory implements EngineFactory {
        private static final long serialVersionUID = 1L;
        private static final Map<String, List<FakeEngine>> OPENED = new ConcurrentHashMap<>();

        private final String id;
        private final String digest;
        private final ModelLimits limits;
        private final int inFlightPerSlot;
        private final @Nullable Exception fault;

        Factory(String id) {
            this(id, DIGEST, LIMITS, 64, null);
        }

        private Factory(String id, String digest, ModelLimits limits, int inFlightPerSlot, @Nullable Exception fault) {
            this.id = id;
            this.digest = digest;
            this.limits = limits;
            this.inFlightPerSlot = inFlightPerSlot;
            this.fault = fault;
        }

        /** Returns a factory whose engine cannot be opened. */
        static Factory broken(String id, Exception fault) {
            return new Factory(id, DIGEST, LIMITS, 64, fault);
        }

        /** Returns a factory of a model. Factories of different models need different ids. */
        static Factory of(String id, String model, int inFlightPerSlot) {
            return version(id, model, DIGEST, inFlightPerSlot);
        }

        /** Returns a factory of a version of a model. */
        static Factory version(String id, String model, String digest, int inFlightPerSlot) {
            return new Factory(id, digest, TestLimits.of(model, TestLimits.SHAPE), inFlightPerSlot, null);
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String digest() {
            return digest;
        }

        @Override
        public ModelLimits limits() {
            return limits;
        }

        @Override
        public int inFlightPerSlot() {
            return inFlightPerSlot;
        }

        @Override
        public Engine open(DeviceSource devices) throws Exception {
            if (fault != null) {
                throw fault;
            }
            FakeEngine engine = new FakeEngine();
            OPENED.computeIfAbsent(id, name -> new ArrayList<>()).add(engine);
            return engine;
        }

        /** Returns the engines opened so far, in order. */
        List<FakeEngine> opened() {
            return OPENED.getOrDefault(id, List.of());
        }
    }
}
