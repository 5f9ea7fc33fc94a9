package io.zoetrope.config;

/** What a reader of the answers is promised. */
public enum Delivery {
    /** Answers commit with the source offsets in a Kafka transaction: once each under {@code read_committed}. */
    EXACTLY_ONCE,
    /** Answers are visible at once; after a failure some come twice, equal in (request_id, index) and in bytes. */
    AT_LEAST_ONCE
}
