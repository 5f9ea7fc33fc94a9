package io.zoetrope.cli;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/** File names for requests. An id comes from outside and may be anything, a path among them. */
final class FileNames {
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Pattern RESERVED = Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");
    private static final int LONGEST_SLUG = 60;

    private FileNames() {}

    /** The MP4 of a request: its id where that is a plain name, else what is plain of it and a digest of the whole. */
    static String mp4(String requestId) {
        if (SAFE.matcher(requestId).matches() && !RESERVED.matcher(requestId).matches()) {
            return requestId + ".mp4";
        }
        String digest = DigestUtils.sha256Hex(requestId.getBytes(StandardCharsets.UTF_8));
        String plain = requestId.replaceAll("[^A-Za-z0-9_]+", "-").replaceAll("^-|-$", "");
        return (plain.isEmpty() ? "request" : cut(plain)) + "-" + digest.substring(0, 12) + ".mp4";
    }

    /** A readable id for a prompt of the demo; {@code number} keeps equal prompts apart. */
    static String slug(int number, String prompt) {
        String words =
                prompt.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return cut("%02d-%s".formatted(number, words)).replaceAll("-$", "");
    }

    private static String cut(String name) {
        return name.substring(0, Math.min(name.length(), LONGEST_SLUG));
    }
}
