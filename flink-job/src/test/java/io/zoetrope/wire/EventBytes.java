package io.zoetrope.wire;

import io.zoetrope.prompt.RequestBuilder;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;

/** Prompt events that a test writes byte by byte. */
final class EventBytes {
    /** The number of bytes in front of the body. */
    static final int HEADER = 10;

    private EventBytes() {}

    /** Returns a prompt event's header, followed by the given body. */
    static byte[] record(String hexBody) {
        byte[] body = HexFormat.of().parseHex(hexBody);
        byte[] event = PromptCodec.encode(new RequestBuilder("request-2", "a ring").build());
        byte[] bytes = Arrays.copyOf(event, HEADER + body.length);
        System.arraycopy(body, 0, bytes, HEADER, body.length);
        return bytes;
    }

    /** Returns the number of bytes that this thread has allocated on the heap so far. */
    static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}
