package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.job.JobSpec;
import io.zoetrope.chaos.job.RunningJob;
import java.util.Random;

/** The ways in which an operator stops the job on a cluster and starts it again, under load. */
public enum StopAndStart implements Fault {
    /** Stop with a savepoint, start from it. */
    SAVEPOINT("stop-with-savepoint") {
        @Override
        String restart(RunningJob job) throws Exception {
            String savepoint = job.stopWithSavepoint();
            job.startFrom(job.spec(), savepoint);
            return "started from the savepoint";
        }
    },
    /** Cancel, start from the newest checkpoint. */
    CANCEL("cancel") {
        @Override
        String restart(RunningJob job) throws Exception {
            return cancelAndStart(job);
        }
    },
    /** A savepoint while the job runs; later cancel, start from the newest checkpoint, which is newer. */
    SAVEPOINT_AND_CANCEL("savepoint-then-cancel") {
        @Override
        String restart(RunningJob job) throws Exception {
            job.savepoint();
            Thread.sleep(RUNNING_MILLIS);
            return cancelAndStart(job);
        }
    },
    /** Stop with a savepoint, start with one slot; and back. */
    RESCALE("rescale") {
        @Override
        String restart(RunningJob job) throws Exception {
            runMeanwhile(job, job.spec().with("--parallelism", "1"));
            job.start();
            return "to parallelism 1 and back";
        }
    },
    /**
     * An upgrade that is taken back: the new version starts from a savepoint and answers, and the old one starts from
     * the savepoint of the new one.
     */
    ROLLBACK("rollback") {
        @Override
        String restart(RunningJob job) throws Exception {
            String savepoint = runMeanwhile(job, job.spec().with("--checkpoint-interval", "500 ms"));
            job.startFrom(job.spec(), savepoint);
            return "from the savepoint of the other version";
        }
    };

    private static final long RUNNING_MILLIS = 4000;

    private final String kind;

    StopAndStart(String kind) {
        this.kind = kind;
    }

    @Override
    public String kind() {
        return kind;
    }

    abstract String restart(RunningJob job) throws Exception;

    private static String cancelAndStart(RunningJob job) throws Exception {
        job.cancel();
        job.start();
        return "started from the newest checkpoint";
    }

    /** Stops the job, runs it with other options for a while, stops it again, and returns the last savepoint. */
    private static String runMeanwhile(RunningJob job, JobSpec other) throws Exception {
        job.stopWithSavepoint();
        job.start(other);
        job.awaitRunning();
        Thread.sleep(RUNNING_MILLIS);
        return job.stopWithSavepoint();
    }

    @Override
    public Strike strike(Target target, Random random) throws Exception {
        long start = System.currentTimeMillis();
        return new Strike(start, restart(target.job()));
    }
}
