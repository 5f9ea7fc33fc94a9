package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.cluster.Cluster;
import io.zoetrope.chaos.job.RunningJob;
import io.zoetrope.chaos.ledger.AnswerWatch;
import io.zoetrope.chaos.ledger.Auditor;
import io.zoetrope.chaos.ledger.Ledger;
import io.zoetrope.chaos.ledger.Load;
import io.zoetrope.chaos.process.Poll;
import java.time.Duration;

/**
 * What faults act on.
 *
 * @param cluster the processes
 * @param job the job
 * @param load the requests
 * @param ledger the record of the requests
 * @param watch the answers as they become visible
 * @param auditor the audit of all answers
 */
public record Target(Cluster cluster, RunningJob job, Load load, Ledger ledger, AnswerWatch watch, Auditor auditor) {
    private static final Duration DRAIN = Duration.ofMinutes(10);

    /**
     * Stops the load and waits until every request is answered.
     *
     * @throws IllegalStateException if some are not answered within 10 minutes
     */
    public void drain() throws InterruptedException {
        load.pause();
        Poll.until(
                "every request is answered",
                DRAIN,
                () -> ledger.missingFrom(watch.answered()).isEmpty());
    }
}
