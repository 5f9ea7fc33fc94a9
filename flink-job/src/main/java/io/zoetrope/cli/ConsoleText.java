package io.zoetrope.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Makes text harmless for a terminal. Request ids, prompts and error messages come from other people's records; a
 * terminal would obey the control sequences in them, and a reader would be misled by characters that reverse or hide
 * text.
 */
final class ConsoleText {
    private ConsoleText() {}

    /** Returns a writer to a terminal, in UTF-8, that escapes every control character but line ends. */
    static PrintWriter writer(OutputStream terminal) {
        return new PrintWriter(
                new EscapingWriter(new OutputStreamWriter(terminal, StandardCharsets.UTF_8)), /* autoFlush= */ true);
    }

    /** Returns the text as one line: line ends are escaped too. */
    static String line(String text) {
        return escaped(text).replace("\n", "\\n");
    }

    /** Returns the text with a Unicode escape in place of every control character but the line feed. */
    static String escaped(String text) {
        if (text.codePoints().noneMatch(ConsoleText::isEscaped)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (!isEscaped(point)) {
                escaped.appendCodePoint(point);
            } else if (Character.isBmpCodePoint(point)) {
                escaped.append("\\u%04x".formatted(point));
            } else {
                escaped.append("\\U%08x".formatted(point));
            }
        });
        return escaped.toString();
    }

    private static boolean isEscaped(int point) {
        return switch (Character.getType(point)) {
            // Format characters reverse text (U+202E), or are invisible (U+200B).
            case Character.CONTROL -> point != '\n';
            case Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static final class EscapingWriter extends FilterWriter {
        EscapingWriter(Writer out) {
            super(out);
        }

        @Override
        public void write(String text, int offset, int length) throws IOException {
            out.write(escaped(text.substring(offset, offset + length)));
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            out.write(escaped(new String(text, offset, length)));
        }

        @Override
        public void write(int character) throws IOException {
            out.write(escaped(String.valueOf((char) character)));
        }
    }
}
