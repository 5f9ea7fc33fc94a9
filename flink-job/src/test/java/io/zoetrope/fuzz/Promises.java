package io.zoetrope.fuzz;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What every target promises about the failures and the memory of one input. */
final class Promises {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A word boundary in front of each branch keeps the time linear in the length of a word. */
    private static final Pattern CLASS_NAME =
            Pattern.compile("\\b(?:(java|javax|org|com|io)\\.(\\w+\\.)*[A-Z]\\w+|\\w*Exception)");

    /** Each name that the pattern finds has one of these in it. */
    private static final List<String> PARTS_OF_NAMES = List.of("Exception", "java.", "javax.", "org.", "com.", "io.");

    /** An escape in the text of a fault: JSON's, or that of a character that is not visible. */
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u\\p{XDigit}{4}|.)");
    /** A character that is written as its number: in a string of JSON or YAML, or in a tag of YAML. */
    private static final Pattern NUMBERED =
            Pattern.compile("\\\\u(\\p{XDigit}{4})|\\\\U0000(\\p{XDigit}{4})|(?:\\\\x|%)(\\p{XDigit}{2})");

    private Promises() {}

    /** Checks that a failure is the sender's, and that its text has no name of a Java class. */
    static void checkFailure(RequestException failure, FailureCode... allowed) {
        require(List.of(allowed).contains(failure.code()), "unexpected code " + failure.code(), failure);
        require(!failure.code().retryable(), "retryable code " + failure.code(), failure);
        String message = String.valueOf(failure.getMessage());
        require(!message.contains("Exception") && !message.contains("java."), "a class in: " + message, failure);
    }

    /** Checks that the text of a fault has no name of a Java class, except one whose simple name is in the input. */
    static void checkText(String text, String input) {
        if (PARTS_OF_NAMES.stream().noneMatch(text::contains)) {
            return; // a search for a few texts takes much less time than one for a pattern
        }
        // An escape is not a part of a name: the text quotes a zero byte in front of a name as \\u0000Name.
        CLASS_NAME.matcher(ESCAPE.matcher(text).replaceAll(" ")).results().forEach(name -> {
            String simple = name.group().substring(name.group().lastIndexOf('.') + 1);
            require(isIn(input, simple), "the class " + name.group() + " in: " + text);
        });
    }

    /** Returns whether a parser may read a name in the input: parsers replace escapes, and join lines. */
    private static boolean isIn(String input, String name) {
        return letters(input).contains(name) || letters(unescaped(input)).contains(name);
    }

    private static String letters(String text) {
        return text.replaceAll("\\W", "");
    }

    private static String unescaped(String input) {
        return NUMBERED.matcher(input).replaceAll(escape -> {
            String digits = escape.group().replaceFirst("^(\\\\\\w|%)", "");
            return Matcher.quoteReplacement(Character.toString(Integer.parseInt(digits, 16)));
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
