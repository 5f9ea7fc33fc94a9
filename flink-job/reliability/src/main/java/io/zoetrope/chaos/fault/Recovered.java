package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.ledger.AnswerWatch.Arrival;
import io.zoetrope.chaos.process.Poll;
import java.time.Duration;
import java.util.Optional;

/**
 * The recovery from a fault. The job has recovered when an answer is visible to a request that was sent after the
 * fault: such a request has passed the whole job and its transaction.
 */
public final class Recovered {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private Recovered() {}

    /**
     * Waits for the recovery.
     *
     * @return the first answer to a request that was sent later than the given time
     * @throws IllegalStateException if there is none within 10 minutes
     */
    public static Arrival awaitAnswerSentAfter(Target target, long millis) throws InterruptedException {
        Poll.until(
                "a request is answered that was sent after the fault",
                LIMIT,
                () -> firstSentAfter(target, millis).isPresent());
        return firstSentAfter(target, millis).orElseThrow();
    }

    private static Optional<Arrival> firstSentAfter(Target target, long millis) {
        return target.watch().arrivals(0).stream()
                .filter(arrival -> arrival.sentMillis() > millis)
                .findFirst();
    }
}
