package io.zoetrope.djl;

import java.util.regex.Pattern;
import org.jsoup.parser.Parser;

/** The cleaning of prompts for models that were trained on texts of the web; see docs/bundle-format.md. */
final class WebText {
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\u02bc\u2018-\u201b]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\u201c-\u201f]");
    /** White space of Unicode, and the separators U+001C to U+001F, which Python counts as white space. */
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);

    private WebText() {}

    /** Returns a prompt with straight quotes, with characters in place of HTML references, and with single spaces. */
    static String clean(String prompt) {
        String straight = DOUBLE_QUOTES
                .matcher(SINGLE_QUOTES.matcher(prompt).replaceAll("'"))
                .replaceAll("\"");
        String resolved = Parser.unescapeEntities(Parser.unescapeEntities(straight, false), false);
        return WHITE_SPACE.matcher(resolved).replaceAll(" ").strip();
    }
}
