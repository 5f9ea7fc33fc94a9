package io.zoetrope.bundle;

import java.util.HexFormat;

/**
 * Text from a bundle's files, made safe to print: its length is bounded, and characters that are not visible are escaped
 * as in JSON.
 */
final class PrintableText {
    private static final int MOST_CHARACTERS = 600;

    private PrintableText() {}

    static String of(String text) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < text.length() && printable.length() < MOST_CHARACTERS; ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            if (isVisible(codePoint)) {
                printable.appendCodePoint(codePoint);
            } else {
                for (char unit : Character.toChars(codePoint)) {
                    printable.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
            }
        }
        return printable.length() < MOST_CHARACTERS ? printable.toString() : printable + "...";
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
