package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.Signal;
import java.time.Duration;
import java.util.Random;

/**
 * SIGSTOP of a TaskManager that runs tasks of the job, and SIGCONT after a while. A short suspension goes unnoticed; after a long one Flink has
 * moved the work elsewhere, and the process continues with work that is no longer its own.
 */
public final class SuspendTaskManager implements Fault {
    private final String kind;
    private final Duration shortest;
    private final Duration longest;

    private SuspendTaskManager(String kind, Duration shortest, Duration longest) {
        this.kind = kind;
        this.shortest = shortest;
        this.longest = longest;
    }

    /** Returns a suspension that is shorter than the heartbeat timeout. */
    public static SuspendTaskManager shortly() {
        return new SuspendTaskManager("suspend-short", Duration.ofMillis(500), Duration.ofSeconds(4));
    }

    /** Returns a suspension that is longer than the heartbeat timeout. */
    public static SuspendTaskManager untilGivenUp() {
        return new SuspendTaskManager("suspend-until-given-up", Duration.ofSeconds(8), Duration.ofSeconds(15));
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        JvmProcess process = KillTaskManager.choose(target, random);
        CommitPhase phase = CommitPhase.choose(random);
        long millis = shortest.toMillis()
                + random.nextInt((int) longest.minus(shortest).toMillis());
        phase.await(target);
        long start = System.currentTimeMillis();
        process.signal(Signal.STOP);
        Thread.sleep(millis);
        process.signal(Signal.CONT);
        return new Strike(start, process.name() + " for " + millis + " ms, phase " + phase);
    }
}
