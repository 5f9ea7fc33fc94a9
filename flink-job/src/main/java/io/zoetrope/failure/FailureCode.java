package io.zoetrope.failure;

/**
 * The reason for a request's failure. Codes are part of the published contract: they are added, never renamed or
 * reused.
 */
public enum FailureCode {
    /** The event cannot be decoded, or contradicts itself or the contract. */
    INVALID_EVENT(false),
    /** The prompt has more tokens than the text encoder reads. */
    PROMPT_TOO_LONG(false),
    /** The event names a model that this job does not serve. */
    UNKNOWN_MODEL(false),
    /** The event requests a width, height or frame count that the model does not make. */
    UNSUPPORTED_SHAPE(false),
    /** The first frame cannot be used. */
    IMAGE_REJECTED(false),
    /** The request's deadline passed before its video was made. */
    DEADLINE_EXCEEDED(false),
    /** A tombstone cancelled the request. */
    CANCELLED(false),
    /** The device had too little memory even for a batch of this request alone. */
    OUT_OF_MEMORY(true),
    /** A model stage failed for this request. */
    INFERENCE_FAILED(true),
    /** The request had no answer within the time limit of the job, {@code inference-timeout}. */
    INFERENCE_TIMEOUT(true),
    /** The frames could not be encoded. */
    ENCODE_FAILED(true),
    /** The encoded video is larger than a record of its topic may be. */
    PAYLOAD_TOO_LARGE(false),
    /** As many requests of the tenant wait as its limit allows. */
    QUOTA_EXCEEDED(true),
    /** The schema registry did not say which schema the event was written with. */
    REGISTRY_UNAVAILABLE(true),
    /** The process ended, several times, while it ran this request and no other. */
    PROCESS_ENDED(false);

    private final boolean retryable;

    FailureCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Returns whether the same event, published again under a new request id, may succeed. */
    public boolean retryable() {
        return retryable;
    }
}
