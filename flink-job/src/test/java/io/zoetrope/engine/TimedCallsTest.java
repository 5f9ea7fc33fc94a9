package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.lane.WatchdogByHand;
import io.zoetrope.prompt.VideoShape;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests calls of the encode pool that do not end, in virtual time: a call that hangs ticks the watchdog. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimedCallsTest {
    private static final VideoShape SHAPE = FakeModel.VIDEO;

    private final WatchdogByHand time = new WatchdogByHand(FakeModel.LIMITS);
    private final TimedCalls calls = new TimedCalls(time.watchdog, time.clock);

    @Test
    void aVideoWhoseEncodingHangsFailsAloneAndItsThreadGoesOn() {
        learn();
        RequestException failure = catchThrowableOfType(
                RequestException.class, () -> calls.run(TimedCalls.Kind.ENCODE, SHAPE, this::hangUntilInterrupted));

        assertThat(failure.code()).isEqualTo(FailureCode.ENCODE_FAILED);
        assertThat(failure)
                .hasMessage(
                        "encode: the run did not end within 30000 ms, so the watchdog ended it; request a smaller or"
                                + " shorter video, or raise run-timeout if this machine needs longer");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> "next")).isEqualTo("next");
        assertThat(time.ends).isEmpty();
    }

    @Test
    void anImageWhoseReadingHangsIsRejected() {
        calls.run(TimedCalls.Kind.READ_IMAGE, SHAPE, () -> take(Duration.ofMillis(10)));
        RequestException failure = catchThrowableOfType(
                RequestException.class, () -> calls.run(TimedCalls.Kind.READ_IMAGE, SHAPE, this::hangUntilInterrupted));

        assertThat(failure.code()).isEqualTo(FailureCode.IMAGE_REJECTED);
        assertThat(failure).hasMessageContaining("did not end within 30000 ms").hasMessageContaining("run-timeout");
    }

    @Test
    void aCallThatIgnoresTheInterruptEndsTheProcess() {
        learn();
        assertThatThrownBy(() -> calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> {
                    while (time.ends.isEmpty()) {
                        time.tick();
                    }
                    throw new IllegalStateException("the process would have ended");
                }))
                .isInstanceOf(RequestException.class);

        assertThat(time.ends)
                .singleElement()
                .asString()
                .contains("thread " + Thread.currentThread().getName() + ", stage encode: a native call did not end");
    }

    @Test
    void theFirstCallForAShapeAndCallsThatUsuallyTakeLongHaveALongerLimit() {
        calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> take(Duration.ofMinutes(9)));
        calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> take(Duration.ofMinutes(20)));

        assertThat(time.ends).isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aFaultOfACallIsUnchanged() {
        IllegalStateException fault = new IllegalStateException("planted");
        assertThatThrownBy(() -> calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> {
                    throw fault;
                }))
                .isSameAs(fault);
    }

    private void learn() {
        calls.run(TimedCalls.Kind.ENCODE, SHAPE, () -> take(Duration.ofMillis(10)));
    }

    private String take(Duration duration) {
        time.take(duration);
        return "done";
    }

    private String hangUntilInterrupted() {
        while (!Thread.currentThread().isInterrupted()) {
            time.tick();
        }
        throw new IllegalStateException("interrupted");
    }
}
