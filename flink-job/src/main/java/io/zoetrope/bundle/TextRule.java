package io.zoetrope.bundle;

import java.util.regex.Pattern;

/** A rule for a text of the manifest. Texts are printed in logs, metrics and headers, and name files. */
enum TextRule {
    /** A name that events, metrics and other fields refer to. */
    NAME("[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", "a name of 1 to 100 letters, digits and _ . + -"),
    /** An SPDX expression. */
    LICENSE("[!-~][ -~]{0,199}", "text of 1 to 200 printable ASCII characters"),
    /** Text that is only printed. */
    LINE("(?!\\s*$)[^\\p{C}\\p{Zl}\\p{Zp}]{1,500}", "text of 1 to 500 characters without control characters"),
    /** As {@link #LINE}, or empty. */
    OPTIONAL_LINE("[^\\p{C}\\p{Zl}\\p{Zp}]{0,500}", "text of at most 500 characters without control characters"),
    /** A path that means the same on every file system, and in every shell. */
    PATH(
            "(?=.{1,255}$)[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*",
            "a relative path in the bundle's folder of at most 255 characters: letters, digits and _ . + -, with /"
                    + " between its parts");

    private final Pattern pattern;
    private final String expected;

    TextRule(String pattern, String expected) {
        this.pattern = Pattern.compile(pattern);
        this.expected = expected;
    }

    boolean accepts(String text) {
        return pattern.matcher(text).matches();
    }

    /** Returns the rule in words, for a fault. */
    String expected() {
        return expected;
    }
}
