package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Builds prompt requests for tests: a valid request with one step, in which a test replaces single fields. */
public final class RequestBuilder {
    private String requestId;
    private String text;
    private Optional<Long> seed = Optional.empty();
    private Optional<String> model = Optional.empty();
    private int steps = 1;
    private Optional<Integer> width = Optional.empty();
    private Optional<Integer> height = Optional.empty();
    private Optional<Integer> frames = Optional.empty();
    private Optional<ByteBuffer> firstFrame = Optional.empty();
    private Optional<Instant> deadline = Optional.empty();
    private Map<String, String> labels = Map.of();
    private Instant createdAt = Instant.EPOCH;

    /** Starts from a request that has only an id and a text, created at the epoch. */
    public RequestBuilder(String requestId, String text) {
        this.requestId = requestId;
        this.text = text;
    }

    RequestBuilder requestId(String value) {
        requestId = value;
        return this;
    }

    public RequestBuilder text(String value) {
        text = value;
        return this;
    }

    public RequestBuilder seed(long value) {
        seed = Optional.of(value);
        return this;
    }

    public RequestBuilder model(String value) {
        model = Optional.of(value);
        return this;
    }

    public RequestBuilder steps(int value) {
        steps = value;
        return this;
    }

    public RequestBuilder width(int value) {
        width = Optional.of(value);
        return this;
    }

    RequestBuilder withoutWidth() {
        width = Optional.empty();
        return this;
    }

    RequestBuilder height(int value) {
        height = Optional.of(value);
        return this;
    }

    RequestBuilder frames(int value) {
        frames = Optional.of(value);
        return this;
    }

    public RequestBuilder firstFrame(ByteBuffer value) {
        firstFrame = Optional.of(value);
        return this;
    }

    RequestBuilder withoutFirstFrame() {
        firstFrame = Optional.empty();
        return this;
    }

    public RequestBuilder deadline(Instant value) {
        deadline = Optional.of(value);
        return this;
    }

    RequestBuilder withoutDeadline() {
        deadline = Optional.empty();
        return this;
    }

    public RequestBuilder label(String name, String value) {
        labels = Map.of(name, value);
        return this;
    }

    public RequestBuilder labels(Map<String, String> value) {
        labels = value;
        return this;
    }

    public RequestBuilder createdAt(Instant value) {
        createdAt = value;
        return this;
    }

    public PromptRequest build() {
        return new PromptRequest(
                requestId, text, seed, model, steps, width, height, frames, firstFrame, deadline, labels, createdAt);
    }
}
