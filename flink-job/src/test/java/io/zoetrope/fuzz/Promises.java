package io.zoetrope.fuzz;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.lang.management.ManagementFactory;
import java.util.List;

/** What every target promises about the failures and the memory of one input. */
final class Promises {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Promises() {}

    /** Checks that a failure is the sender's, and that its text has no name of a Java class. */
    static void checkFailure(RequestException failure, FailureCode... allowed) {
        require(List.of(allowed).contains(failure.code()), "unexpected code " + failure.code(), failure);
        require(!failure.code().retryable(), "retryable code " + failure.code(), failure);
        String message = String.valueOf(failure.getMessage());
        require(!message.contains("Exception") && !message.contains("java."), "a class in: " + message, failure);
    }

    /** Checks that the text of a fault has no name of a Java class that is not in the input. */
    static void checkText(String text, String input) {
        for (String name : List.of("Exception", "java.", "jackson", "snakeyaml")) {
            require(!text.contains(name) || input.contains(name), "a class in: " + text);
        }
    }

    /** Throws if a promise is broken. */
    static void require(boolean kept, String fault, Throwable cause) {
        if (!kept) {
            throw new AssertionError(fault, cause);
        }
    }

    /** Throws if a promise is broken. */
    static void require(boolean kept, String fault) {
        if (!kept) {
            throw new AssertionError(fault);
        }
    }

    /**
     * Runs an input, and throws if it allocates more than the given bytes on the heap twice in a row. The first run of
     * a class also loads and instruments it.
     */
    static void runWithin(long bytes, Runnable input) {
        long allocated = allocatedBy(input);
        if (allocated > bytes) {
            allocated = allocatedBy(input);
        }
        require(allocated <= bytes, "expected at most " + bytes + " bytes of memory, got " + allocated);
    }

    private static long allocatedBy(Runnable input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        input.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
