package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.job.JobSpec;
import io.zoetrope.chaos.job.RunningJob;
import io.zoetrope.chaos.process.JvmProcess;
import io.zoetrope.chaos.process.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;

/**
 * SIGSTOP of all Flink processes between a checkpoint and its commit, for longer than the transaction timeout, as when
 * a virtual machine is suspended. The broker aborts the transactions meanwhile. The job runs with the shortest
 * transaction timeout for this, and with its usual options afterwards.
 */
public final class SuspendCluster implements Fault {
    private static final Duration TRANSACTION = Duration.ofSeconds(10);
    /** The broker looks for transactions that have timed out every 10 s. */
    private static final Duration BROKER_INTERVAL = Duration.ofSeconds(10);

    private static final Duration MARGIN = Duration.ofSeconds(3);

    @Override
    public String kind() {
        return "suspend-beyond-transaction";
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        RunningJob job = target.job();
        job.stopWithSavepoint();
        job.start(shortTransactions(job.spec()));
        job.awaitRunning();
        Thread.sleep(MARGIN.toMillis());
        CommitPhase.BEFORE_COMMIT.await(target);
        List<JvmProcess> processes = new ArrayList<>(target.cluster().taskManagers());
        processes.add(target.cluster().jobManager());
        for (JvmProcess process : processes) {
            process.signal(Signal.STOP);
        }
        Duration length = TRANSACTION.plus(BROKER_INTERVAL).plus(MARGIN);
        Thread.sleep(length.toMillis());
        for (JvmProcess process : processes) {
            process.signal(Signal.CONT);
        }
        Strike strike =
                Strike.now("for " + length.toSeconds() + " s, transaction timeout " + TRANSACTION.toSeconds() + " s");
        Recovered.awaitAnswerSentAfter(target, strike.sinceMillis());
        job.stopWithSavepoint();
        job.start();
        return strike;
    }

    private static JobSpec shortTransactions(JobSpec usual) {
        Configuration flink = new Configuration(usual.flink());
        flink.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, TRANSACTION.minusSeconds(2));
        return usual.with(flink).with("--transaction-timeout", TRANSACTION.toSeconds() + " s");
    }
}
