package io.zoetrope.onnx;

import ai.onnxruntime.OrtException;
import java.util.regex.Pattern;

/**
 * The text of an error of ONNX Runtime, fit for a failure. Its messages quote the graph's file, name C++ functions and
 * paths of its own build, and can end in a stack trace.
 */
final class OrtMessage {
    private static final int MOST_CHARACTERS = 400;

    /** A place in ONNX Runtime's sources with its function: {@code /onnxruntime_src/x/y.cc:42 void f(int) }. */
    private static final Pattern SOURCE = Pattern.compile(
            "(/onnxruntime_src)?/[\\w./-]+\\.(cc|h|cu|cuh):\\d+ .*?\\)(>[^)]*\\))* ?(const )?(\\[with [^\\]]*\\] ?)?"
                    + "|\\w+\\.(cc|h):\\d+ \\w+ ");

    private static final Pattern STACK = Pattern.compile("\\s*(\\n|Stacktrace:).*", Pattern.DOTALL);
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[^ -~]");

    private OrtMessage() {}

    static String of(OrtException e) {
        String text = String.valueOf(e.getMessage()).strip();
        text = STACK.matcher(text).replaceFirst("");
        text = SOURCE.matcher(text).replaceAll("");
        text = NOT_PRINTABLE.matcher(text).replaceAll("?");
        return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "...";
    }
}
