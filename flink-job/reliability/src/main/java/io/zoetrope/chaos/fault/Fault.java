package io.zoetrope.chaos.fault;

import java.util.Random;

/** A kind of fault. */
public interface Fault {
    /** Returns the name of the kind. */
    String kind();

    /**
     * Causes the fault, and undoes it: processes that were killed run again when this method returns. The job may not
     * have recovered yet.
     *
     * @param random decides the details, so that a seed repeats them
     * @throws Exception if the cluster does not behave as expected; the run ends with it
     */
    Strike strike(Target target, Random random) throws Exception;
}
