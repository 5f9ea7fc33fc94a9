package io.zoetrope;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.flink.FakeGauges;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.TestLimits;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

/** Engines without a model, for tests of delivery. The text of a prompt controls what happens to the prompt. */
record StubEngines(String id) implements EngineFactory {
    /** The text of a prompt that fails. */
    static final String FAIL = "fail this one";
    /** The text of a prompt that fails its task when it is generated the first time, and succeeds later. */
    static final String BREAK_ONCE = "break the task once";
    /** The text of a prompt that waits until it is cancelled. */
    static final String WAIT = "wait to be cancelled";
    /** The text of a prompt that engines whose id ends with {@link #HOLDING} never answer; others answer it. */
    static final String HOLD = "hold this one";

    static final String HOLDING = " holding";
    /** The text of a prompt that takes 20 ms of the device. */
    static final String SLOW = "a slow one";
    /** The text of a prompt whose video exceeds the limit of the tests' topics. */
    static final String LARGE = "a large one";

    static final int LARGE_BYTES = 2 << 20;

    private static final int SMALL_BYTES = 1000;
    /**
     * The requests that already failed a task, by the id of their factory. The map is static because a restart of the task
     * may create a new engine.
     */
    private static final Map<String, Set<RequestId>> ALREADY_BROKEN = new ConcurrentHashMap<>();
    /** The engines that were opened, by the id of their factory. */
    private static final Map<String, List<StubEngine>> OPENED = new ConcurrentHashMap<>();

    @Override
    public String digest() {
        return "00".repeat(32);
    }

    @Override
    public ModelLimits limits() {
        return TestLimits.of("stub", TestLimits.SHAPE);
    }

    @Override
    public int inFlightPerSlot() {
        return 64;
    }

    @Override
    public Engine open(DeviceSource devices) {
        StubEngine engine = new StubEngine(
                ALREADY_BROKEN.computeIfAbsent(id, key -> ConcurrentHashMap.newKeySet()), id.endsWith(HOLDING));
        OPENED.computeIfAbsent(id, key -> new CopyOnWriteArrayList<>()).add(engine);
        return engine;
    }

    /** Returns the number of engines that factories of an id have opened. */
    static int opened(String id) {
        return OPENED.getOrDefault(id, List.of()).size();
    }

    /** Returns whether all engines of an id are closed. */
    static boolean allClosed(String id) {
        return OPENED.getOrDefault(id, List.of()).stream().allMatch(engine -> engine.device.isShutdown());
    }

    /** Returns the payload that the engines make for a seed. */
    static byte[] payload(long seed, int size) {
        byte[] payload = new byte[size];
        new Random(seed).nextBytes(payload);
        return payload;
    }

    private static final class StubEngine implements Engine {
        private final ExecutorService device = Executors.newSingleThreadExecutor();
        private final Set<CompletionStage<Video>> waiting = ConcurrentHashMap.newKeySet();
        private final Set<RequestId> broken;
        private final boolean holding;

        StubEngine(Set<RequestId> broken, boolean holding) {
            this.broken = broken;
            this.holding = holding;
        }

        @Override
        public CompletionStage<Video> generate(Prompt prompt) {
            if (prompt.text().equals(BREAK_ONCE) && broken.add(prompt.requestId())) {
                throw new RejectedExecutionException("planted fault");
            }
            if (prompt.text().equals(WAIT) || (holding && prompt.text().equals(HOLD))) {
                CompletableFuture<Video> answer = new CompletableFuture<>();
                waiting.add(answer);
                return answer;
            }
            return CompletableFuture.supplyAsync(() -> answer(prompt), device);
        }

        @Override
        public void cancel(CompletionStage<Video> answer) {
            if (waiting.remove(answer)) {
                answer.toCompletableFuture().completeExceptionally(new CancellationException());
            }
        }

        @Override
        public EngineGauges gauges() {
            return new FakeGauges();
        }

        @Override
        public void close() {
            device.shutdownNow();
        }

        private static Video answer(Prompt prompt) {
            if (prompt.text().equals(FAIL)) {
                throw new RequestException(FailureCode.ENCODE_FAILED, "encode", "planted fault");
            }
            if (prompt.text().equals(SLOW)) {
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
            Duration none = Duration.ZERO;
            return new Video(
                    prompt,
                    List.of(new Segment(
                            SegmentPosition.WHOLE,
                            "video/mp4; codecs=\"av01.0.00M.08\"",
                            64,
                            64,
                            new FrameRate(12, 1),
                            17,
                            ByteBuffer.wrap(
                                    payload(prompt.seed(), prompt.text().equals(LARGE) ? LARGE_BYTES : SMALL_BYTES)),
                            100)),
                    "stub",
                    "00".repeat(32),
                    "one-step",
                    new Timings(none, none, none, none, none),
                    1,
                    Instant.now());
        }
    }
}
