package io.zoetrope.fuzz;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.wire.MapLimits;
import io.zoetrope.wire.PromptCodec;

/** Any bytes as the value of a record: they are a failure of the sender, or an event that reads the same again. */
public final class WireTarget {
    private static final MapLimits LABELS = new MapLimits(256, 64 << 10);
    /** A label of five bytes takes about a hundred times as much; messages and buffers add a constant. */
    private static final int MOST_TIMES = 160;

    private static final int MOST_CONSTANT = 4 << 20;

    private WireTarget() {}

    /** Runs one input; the fuzzer calls it by this name. */
    public static void fuzzerTestOneInput(byte[] value) {
        Promises.runWithin(MOST_CONSTANT + (long) MOST_TIMES * value.length, () -> read(value));
    }

    private static void read(byte[] value) {
        String requestId;
        try {
            requestId = PromptCodec.requestId(value);
        } catch (RequestException e) {
            Promises.checkFailure(e, FailureCode.INVALID_EVENT);
            Promises.require(!decodes(value), "decodes without a request id", e);
            return;
        }
        PromptRequest request;
        try {
            request = PromptCodec.decode(value, LABELS);
        } catch (RequestException e) {
            Promises.checkFailure(e, FailureCode.INVALID_EVENT);
            Promises.require(String.valueOf(e.getMessage()).startsWith("labels: "), "has an id and does not decode", e);
            return;
        }
        Promises.require(request.requestId().equals(requestId), "two request ids");
        Promises.require(
                PromptCodec.decode(PromptCodec.encode(request)).equals(request), "does not read the same again");
    }

    private static boolean decodes(byte[] value) {
        try {
            var unused = PromptCodec.decode(value);
            return true;
        } catch (RequestException e) {
            return false;
        }
    }
}
