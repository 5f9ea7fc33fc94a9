package io.zoetrope.failure;

/** Why a request failed. Codes are part of the published contract: they are added, never renamed or reused. */
public enum FailureCode {
    /** The event cannot be read, or contradicts itself or the contract. */
    INVALID_EVENT(false),
    /** The prompt has more tokens than the text encoder reads. */
    PROMPT_TOO_LONG(false),
    /** The event names a model that this job does not serve. */
    UNKNOWN_MODEL(false),
    /** The event asks for a width, height or frame count that the model does not make. */
    UNSUPPORTED_SHAPE(false),
    /** The first frame cannot be used. */
    IMAGE_REJECTED(false),
    /** The request's own deadline passed before its video was made. */
    DEADLINE_EXCEEDED(false),
    /** A tombstone withdrew the request. */
    CANCELLED(false),
    /** The device ran out of memory for this request alone. */
    OUT_OF_MEMORY(true),
    /** A model stage failed for this request. */
    INFERENCE_FAILED(true),
    /** A model stage took longer than it may. */
    INFERENCE_TIMEOUT(true),
    /** The frames could not be encoded. */
    ENCODE_FAILED(true),
    /** The encoded video is larger than its topic takes. */
    PAYLOAD_TOO_LARGE(false);

    private final boolean retryable;

    FailureCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether the same event, published again under a new request id, may well end in a video. */
    public boolean retryable() {
        return retryable;
    }
}
