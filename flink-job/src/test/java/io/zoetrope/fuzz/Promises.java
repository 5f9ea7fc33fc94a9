package io.zoetrope.fuzz;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.regex.Pattern;

/** What every target promises about the failures and the memory of one input. */
final class Promises {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Pattern CLASS_NAME =
            Pattern.compile("\\b(java|javax|org|com|io)\\.(\\w+\\.)*[A-Z]\\w+|\\w*Exception");

    private Promises() {}

    /** Checks that a failure is the sender's, and that its text has no name of a Java class. */
    static void checkFailure(RequestException failure, FailureCode... allowed) {
        require(List.of(allowed).contains(failure.code()), "unexpected code " + failure.code(), failure);
        require(!failure.code().retryable(), "retryable code " + failure.code(), failure);
        String message = String.valueOf(failure.getMessage());
        require(!message.contains("Exception") && !message.contains("java."), "a class in: " + message, failure);
    }

    /** Checks that the text of a fault has no name of a Java class whose simple name is not in the input. */
    static void checkText(String text, String input) {
        CLASS_NAME.matcher(text).results().forEach(name -> {
            String simple = name.group().substring(name.group().lastIndexOf('.') + 1);
            require(input.contains(simple), "the class " + name.group() + " in: " + text);
        });
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
