package io.zoetrope.config;

/** The delivery guarantee of the answers. */
public enum Delivery {
    /**
     * Answers and the offsets of their prompts commit together, in a Kafka transaction. A consumer with
     * {@code isolation.level=read_committed} reads each answer once.
     */
    EXACTLY_ONCE,
    /**
     * Answers are visible at once. After a failure of the job some are published again; a repeated one has the same
     * (request_id, index) and the same bytes.
     */
    AT_LEAST_ONCE
}
