package io.zoetrope.cli;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/** File names for requests. A request id is input from a client: it may be any text, for example a path. */
final class FileNames {
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Pattern RESERVED = Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");
    private static final int MAX_SLUG_LENGTH = 60;

    private FileNames() {}

    /**
     * Returns the name of a request's MP4 file: the request id if it is a safe file name; else the safe characters of
     * the id and a digest of the whole id, which keeps different ids apart.
     */
    static String mp4(String requestId) {
        if (SAFE.matcher(requestId).matches() && !RESERVED.matcher(requestId).matches()) {
            return requestId + ".mp4";
        }
        String digest = DigestUtils.sha256Hex(requestId.getBytes(StandardCharsets.UTF_8));
        String safe = requestId.replaceAll("[^A-Za-z0-9_]+", "-").replaceAll("^-|-$", "");
        return (safe.isEmpty() ? "request" : cut(safe)) + "-" + digest.substring(0, 12) + ".mp4";
    }

    /** Returns a readable request id for a prompt of the demo; {@code number} keeps equal prompts apart. */
    static String slug(int number, String prompt) {
        String words =
                prompt.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return cut("%02d-%s".formatted(number, words)).replaceAll("-$", "");
    }

    private static String cut(String name) {
        return name.substring(0, Math.min(name.length(), MAX_SLUG_LENGTH));
    }
}
