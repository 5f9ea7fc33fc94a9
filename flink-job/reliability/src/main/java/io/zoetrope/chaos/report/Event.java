package io.zoetrope.chaos.report;

import java.time.Instant;
import java.util.Optional;

/**
 * A fault, and the recovery from it.
 *
 * @param number the number of the fault in the run
 * @param kind the kind of the fault
 * @param seed the seed of its details
 * @param at the time from which the recovery counts
 * @param detail the details
 * @param recoveryMillis the time until an answer was visible to a request that was sent later than {@code at}
 * @param noticedMillis the part of it until Flink noticed the fault; empty if no task was seen to end
 * @param runningMillis the part of it until all tasks ran again; empty if no task was seen to end
 */
public record Event(
        int number,
        String kind,
        long seed,
        Instant at,
        String detail,
        long recoveryMillis,
        Optional<Long> noticedMillis,
        Optional<Long> runningMillis) {}
