package io.zoetrope.chaos.job;

/** A fault that is planted into the job, and that the audit has to find. */
public enum Plant {
    /** The job as it is shipped. */
    NONE,
    /** A sink without transactions, which repeats answers after a restart. */
    AT_LEAST_ONCE,
    /** A buffer that is not in Flink's state, which loses answers in a restart. */
    FORGETFUL_BUFFER
}
