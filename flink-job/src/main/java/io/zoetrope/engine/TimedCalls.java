package io.zoetrope.engine;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.lane.HungRunException;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.Watchdog;
import io.zoetrope.prompt.VideoShape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The calls of the encode pool into libraries, with time limits. The watchdog interrupts a call over its limit, and its
 * request fails. A call that does not react to the interrupt ends the process, as a run of a lane does.
 */
final class TimedCalls {
    /** The kinds of calls. */
    enum Kind {
        READ_IMAGE(FailureCode.IMAGE_REJECTED, "image", "send the first frame in the size of the video"),
        ENCODE(FailureCode.ENCODE_FAILED, "encode", "request a smaller or shorter video");

        private final FailureCode code;
        private final String stage;
        private final String remedy;

        Kind(FailureCode code, String stage, String remedy) {
            this.code = code;
            this.stage = stage;
            this.remedy = remedy;
        }
    }

    /** What the expected duration of a call depends on. */
    private record Cost(Kind kind, VideoShape shape) {}

    private final Watchdog watchdog;
    private final LaneClock clock;
    /** The duration of the last successful call in nanoseconds. */
    private final Map<Cost, Long> lastNanos = new ConcurrentHashMap<>();

    TimedCalls(Watchdog watchdog, LaneClock clock) {
        this.watchdog = watchdog;
        this.clock = clock;
    }

    /**
     * Makes a call on the current thread. Its limit is {@code run-timeout}, or a multiple of the last call's duration if
     * that is longer; the first call for a shape has {@code start-timeout}.
     *
     * @param shape the shape of the request's video
     * @param call has to fail soon after an interrupt of its thread
     * @throws RequestException if the call failed after it was interrupted
     */
    <T> T run(Kind kind, VideoShape shape, Supplier<T> call) {
        Cost cost = new Cost(kind, shape);
        long start = clock.nanoTime();
        try {
            T result = watchdog.call(kind.stage, lastNanos.getOrDefault(cost, 0L), Thread::interrupt, call::get);
            lastNanos.put(cost, clock.nanoTime() - start);
            return result;
        } catch (HungRunException hung) {
            throw new RequestException(
                    kind.code,
                    kind.stage,
                    hung.getMessage() + "; " + kind.remedy + ", or raise run-timeout if this machine needs longer",
                    hung);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a supplier threw a checked exception", e);
        } finally {
            Thread.interrupted(); // clears an interrupt of the watchdog, which was meant for this call only
        }
    }
}
